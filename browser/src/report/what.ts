/** What happened: free text first, then questions that open only where she wants to answer. */
import { h, listed, note, said, t, type Child } from "../ui/index.ts"
import type { Desk } from "./desk.ts"
import type { Draft } from "./draft.ts"
import { button, textArea, yesNo } from "./fields.ts"
import type { Step } from "./flow.ts"

type Open = "when" | "where" | "who" | "seen"

export function whatStep(desk: Desk): Step {
    const { draft } = desk
    const report = draft.kind === "report"
    return {
        name: "what",
        number: report ? 3 : 2,
        render: (walk) => [
            walk.line(),
            h("div", { class: "split" },
                h("div", { class: "flow" },
                    h("h1", null, h("label", { for: "what" }, t("report.what.h1"))),
                    h("p", { class: "read", id: "what-hint" }, t("report.what.hint")),
                    h("div", { class: "field" }, textArea("what", draft.answers.what, (text) => void (draft.answers.what = text), { class: "tall", "aria-describedby": "what-hint" })),
                    h("div", { class: "question flow" },
                        h("h2", null, t("report.what.more")), h("p", { class: "read soft" }, t("report.what.more-hint")),
                        h("div", { class: "asks" },
                            (["when", "where", "who", "seen"] as const).map((name) => ask(draft, name)),
                            replies(draft, "drink"), replies(draft, "ongoing"))),
                    h("div", { class: "act" }, button("next", t("common.continue"), walk.next), button("skip", t("common.skip-question"), walk.next, "btn quiet")),
                ),
                h("aside", { class: "notes" },
                    report && desk.readers && note(t("report.what.note.who"), h("p", null, t("report.what.note.who-text", { names: listed(desk.readers.newest.people.filter((one) => draft.panel.includes(one.id)).map((one) => said(one.name))) }))),
                    !report && note(t("report.what.note.who"), h("p", null, t("report.what.note.record-text"))),
                    note(t("report.what.note.gaps"), h("p", null, t("report.what.note.gaps-text"))),
                    note(t("report.what.note.names"), h("p", null, t("report.what.note.names-text"))),
                    report && note(t("report.what.note.told"), h("p", null, t("report.what.note.told-text"))),
                ),
            ),
        ],
    }
}

/** What stands beside a closed question: the answer's beginning, or that there is none. */
function brief(text: string): string {
    const line = text.trim().replace(/\s+/g, " ")
    if (!line) return t("report.what.unanswered")
    return line.length > 24 ? line.slice(0, 24) + "…" : line
}

function ask(draft: Draft, name: Open): HTMLElement {
    const shown = h("span", null, brief(draft.answers[name]))
    const area = textArea(name, draft.answers[name], (text) => {
        draft.answers[name] = text
        shown.textContent = brief(text)
    }, { "aria-describedby": `${name}-hint`, rows: "3" })
    return h("details", { "data-testid": `ask-${name}` }, h("summary", null, t(`report.what.${name}`), shown),
        h("div", { class: "body" }, h("label", { for: name, class: "aside-only" }, t(`report.what.${name}`)), h("p", { class: "hint", id: `${name}-hint` }, t(`report.what.${name}-hint`)), area))
}

function replies(draft: Draft, name: "drink" | "ongoing"): HTMLElement {
    const word = (): string => (draft.answers[name] ? t(`report.what.${name}-${draft.answers[name]}`) : t("report.what.unanswered"))
    const shown = h("span", null, word())
    const question: Child = yesNo(name, t(`report.what.${name}-q`), draft.answers[name], (value) => {
        draft.answers[name] = value
        shown.textContent = word()
    })
    return h("details", { "data-testid": `ask-${name}` }, h("summary", null, t(`report.what.${name}`), shown), h("div", { class: "body" }, question))
}
