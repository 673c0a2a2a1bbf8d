/** What the readers of other systems' files hand on: cases found, and what could not be read, by file and line. */
import type { Source } from "../../core/imported.ts"

export interface Found {
    readonly source: Source
    readonly file: string
    /** Null in files that have no lines. */
    readonly line: number | null
    readonly reference: string
    /** As they stand there; never read as times. */
    readonly stated: { readonly received: string; readonly changed: string; readonly status: string }
    readonly what: string
    readonly fields: readonly { readonly label: string; readonly text: string }[]
    readonly files: readonly { readonly name: string; readonly type: string; readonly blob: Blob }[]
}

export interface Fault {
    readonly file: string
    readonly line: number | null
    readonly code: "bad-encoding" | "open-quote" | "no-text-column" | "too-many-cells" | "no-text" | "no-file" | "bad-json" | "bad-zip" | "no-report" | "unknown-file"
    readonly detail?: string
}
