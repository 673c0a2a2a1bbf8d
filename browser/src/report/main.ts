/**
 * The report: one document from the first question to the receipt. `#record` makes it a private dated record.
 *
 * The first page needs little code. Everything that checks, seals and sends loads while she reads it, and who
 * can read is checked before the first question, so that a list that doesn't add up is said before anybody
 * has written a word.
 */
import type { WordList } from "../core/words.ts"
import type { Cleaned } from "../files/clean.ts"
import { canSealHere } from "../start/browser.ts"
import { organisation as fetchOrganisation } from "../start/frame.ts"
import { closedWords, outsideFacts } from "../start/outside.ts"
import { browserNotice } from "../start/notice.ts"
import { forgetOnLeaving, h, place, showPage, t } from "../ui/index.ts"
import { beginStep } from "./begin.ts"
import { forget, newDraft } from "./draft.ts"
import { button } from "./fields.ts"
import { walk, type Step } from "./flow.ts"

/** What a private record brings along when it is sent as a report. */
export interface From {
    readonly answers: Readonly<Record<string, string>>
    readonly files: readonly Cleaned[]
    readonly record: { readonly case: string; readonly receipt: string } | null
}

export async function report(list: WordList | (() => Promise<WordList>), from?: From): Promise<void> {
    if (!canSealHere()) return alone("cannot", t("start.browser.cannot.h2"), browserNotice())
    const record = !from && place().flags.has("record")
    const organisation = await fetchOrganisation()
    if (!organisation) {
        return alone("offline", t("report.offline.h1"), h("p", { class: "lead" }, t("report.offline.text")),
            h("div", { class: "act" }, button("try-again", t("report.sending.try-now"), () => void report(list, from)), h("a", { class: "btn big", href: "other-ways" }, t("common.foot.other"))))
    }
    if (!organisation.open) {
        const { title, text } = closedWords(organisation)
        return alone("closed", title, h("p", { class: "lead" }, text), outsideFacts(organisation.outside_contact), h("div", { class: "act" }, h("a", { class: "btn go big", href: "other-ways" }, t("common.foot.other"))))
    }
    const draft = newDraft(record ? "record" : "report")
    forgetOnLeaving(() => forget(draft))
    const total = record ? 5 : 7
    let rest: Promise<readonly Step[]> | null = null
    const load = (): Promise<readonly Step[]> => {
        rest ??= Promise.all([import("./rest.ts"), typeof list === "function" ? list() : list]).then(([{ stepsAfterBegin }, words]) => stepsAfterBegin({ organisation, draft, list: words, from }))
        return rest
    }
    const steps: Step[] = [beginStep(draft, organisation, async () => {
        try {
            steps.splice(1, steps.length, ...(await load()))
            flow.next()
        } catch {
            rest = null
            alone("offline", t("report.offline.h1"), h("p", { class: "lead" }, t("report.offline.text")), h("div", { class: "act" }, button("try-again", t("report.sending.try-now"), () => flow.again())))
        }
    })]
    const flow = walk(steps, total)
    // The first screen is drawn before the sealing code is asked for.
    requestAnimationFrame(() => setTimeout(() => void load().catch(() => (rest = null))))
    if (!from) addEventListener("hashchange", () => place().flags.has("record") !== record && location.reload())
    keepTyping()
}

function alone(step: string, title: string, ...content: (Node | null)[]): void {
    showPage({ title: t("common.title"), step, content: h("div", { class: "flow" }, h("h1", null, title), content) })
}

/** Links that open beside this page, since a page that is left forgets what was typed. */
function keepTyping(): void {
    document.querySelectorAll<HTMLAnchorElement>(".foot a:not(#other-language)").forEach(beside)
    document.addEventListener("input", () => {
        const other = document.getElementById("other-language")
        if (other) beside(other as HTMLAnchorElement)
    }, { once: true })
}

function beside(link: HTMLAnchorElement): void {
    link.target = "_blank"
    link.rel = "noopener noreferrer"
}
