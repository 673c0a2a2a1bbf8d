/** Every step after the first, with the code that checks, seals and sends. Loaded while she reads the first page. */
import { startRung } from "../core/panel.ts"
import { policyOf } from "../core/policy.ts"
import { readQuestionSet, type QuestionSet } from "../core/questions.ts"
import type { WordList } from "../core/words.ts"
import { fileList } from "../files/picker.ts"
import { ReporterApi, type PromiseText } from "../net/reporter.ts"
import type { Organisation } from "../start/frame.ts"
import { place } from "../ui/index.ts"
import { appearStep } from "./appear.ts"
import { filesStep } from "./attach.ts"
import { checkStep } from "./check.ts"
import type { Desk } from "./desk.ts"
import { disclosures, newDraft, type Draft } from "./draft.ts"
import type { Step } from "./flow.ts"
import type { From } from "./main.ts"
import { ownStep } from "./own.ts"
import { ListRefused, readersOf } from "./readers.ts"
import { receiptStep, type Outcome } from "./receipt.ts"
import { examine } from "./send.ts"
import { sendingStep, type Sent } from "./sending.ts"
import { toldStep } from "./told.ts"
import { whatStep } from "./what.ts"
import { refusal, whoStep } from "./who.ts"
import { confirmStep, wordsStep } from "./words.ts"

interface Beginning {
    readonly organisation: Organisation
    readonly draft: Draft
    readonly list: WordList
    readonly from: From | undefined
}

/** Fetches and checks the list of readers first; one step that says so if it is refused. Throws NoConnection. */
export async function stepsAfterBegin({ organisation, draft, list, from }: Beginning): Promise<readonly Step[]> {
    const server = new ReporterApi(organisation.org)
    const desk: Desk = { organisation, server, draft, list, readers: null, listChanged: false, questions: null, record: from?.record ?? null }
    if (from) bring(from, desk)
    if (draft.kind === "report") {
        const questions = ownQuestions(server)
        try {
            desk.readers = await readersOf(server, organisation, place().anchor)
        } catch (error) {
            if (!(error instanceof ListRefused)) throw error
            return [{ name: "refused", number: 2, render: (walk) => refusal(error.code, walk) }]
        }
        desk.questions = await questions
    }
    return stepsOf(desk)
}

/** What can't be had is not asked: no question of anybody's stands between her and being heard. */
async function ownQuestions(server: ReporterApi): Promise<QuestionSet | null> {
    try {
        const { questions } = await server.questions({ tries: 2 })
        return questions === null ? null : readQuestionSet(questions)
    } catch {
        return null
    }
}

/** A private record's words and files, to be looked at and changed like any others. */
function bring(from: From, { draft, organisation }: Desk): void {
    for (const name of Object.keys(draft.answers) as (keyof Draft["answers"])[]) {
        const value = from.answers[name]
        if (value) Object.assign(draft.answers, { [name]: value })
    }
    draft.files = fileList({ limits: organisation.limits, voice: true })
    draft.files.put(from.files)
}

function stepsOf(desk: Desk): Step[] {
    let outcome: Outcome | null = null
    const sending = sendingStep(desk, (sent, walk) => {
        void finish(desk, sent).then((found) => {
            outcome = found
            document.getElementById("other-language")?.closest("li")?.remove()
            walk.next()
            forgetWords(desk.draft)
        })
    }, (walk) => void lookAgain(desk).then(() => walk.to("readers")))
    const middle = desk.draft.kind === "report"
        ? [whoStep(desk), whatStep(desk), ...(desk.questions?.questions ?? []).map((one) => ownStep(desk, one)), toldStep(desk), filesStep(desk), appearStep(desk)]
        : [whatStep(desk), filesStep(desk)]
    return [...middle, checkStep(desk), wordsStep(desk), confirmStep(desk), sending, receiptStep(desk, () => outcome as Outcome)]
}

async function finish(desk: Desk, sent: Sent): Promise<Outcome> {
    const { draft, readers, server, organisation } = desk
    let known: readonly PromiseText[] = []
    if (draft.kind === "report" && readers) {
        const rung = startRung(readers.newest, disclosures(draft).map((one) => one.person))
        known = await server.promises(draft.jurisdiction, rung, { tries: 2 }).then(({ promises }) => promises, () => [])
    }
    const policy = readers?.policy ?? policyOf(organisation.log_key.trim())
    const checked = examine(sent.accepted, sent.parcel, { policy }, known.map(({ id }) => id), new Date())
    return { ...sent, checked, known }
}

/** The words of the report are no longer needed on this device; panel and receipt stay on the page. */
function forgetWords(draft: Draft): void {
    Object.assign(draft.answers, newDraft("report").answers)
    draft.own.clear()
    draft.name = ""
    draft.contact = ""
    draft.told.length = 0
    draft.secret?.fill(0)
    draft.secret = null
}

/** The list of people changed while she wrote: fetch it anew and let her look at it once more. */
async function lookAgain(desk: Desk): Promise<void> {
    desk.readers = await readersOf(desk.server, desk.organisation, place().anchor)
    desk.listChanged = true
}
