/** What every step has at hand. */
import type { QuestionSet } from "../core/questions.ts"
import type { WordList } from "../core/words.ts"
import type { ReporterApi } from "../net/reporter.ts"
import type { Organisation } from "../start/frame.ts"
import type { Draft } from "./draft.ts"
import type { Readers } from "./readers.ts"

export interface Desk {
    readonly organisation: Organisation
    readonly server: ReporterApi
    readonly draft: Draft
    readonly list: WordList
    /** Null for a private record, which nobody else reads. */
    readers: Readers | null
    /** The list of people changed while she wrote: said on the next look at it. */
    listChanged: boolean
    /** The organisation's own questions; null where there are none, or they could not be had. */
    questions: QuestionSet | null
    /** The private record that this report cites. */
    readonly record: { readonly case: string; readonly receipt: string } | null
}
