/** The twelve words, and two of them asked again on the next page. Nothing is sent before that. */
import { newCaseSecret } from "../core/casekeys.ts"
import { checkPositions, sameWord, toWords } from "../core/words.ts"
import { wordsSheet } from "../sheets/words.ts"
import { h, note, showErrors, t } from "../ui/index.ts"
import type { Desk } from "./desk.ts"
import { button } from "./fields.ts"
import type { Step } from "./flow.ts"

export function wordsStep(desk: Desk): Step {
    const { draft, list } = desk
    return {
        name: "words",
        number: draft.kind === "report" ? 6 : 4,
        render: (walk) => {
            draft.secret ??= newCaseSecret()
            return [
                walk.line(),
                h("div", { class: "split" },
                    h("div", { class: "flow" },
                        h("h1", null, h("b", null, t("report.words.h1a")), list.language === "zh" ? "" : " ", h("b", null, t("report.words.h1b"))),
                        h("p", { class: "read" }, t("report.words.lead")),
                        h("div", { class: "read" }, wordsSheet(toWords(draft.secret, list), list)),
                        h("div", { class: "act" }, button("next", t("report.words.go"), walk.next)),
                        h("p", { class: "soft" }, t("report.words.then")),
                    ),
                    h("aside", { class: "notes" }, note(t("report.words.note.where"), h("p", null, t("report.words.note.where-text"))), note(t("report.words.note.part"), h("p", null, t("report.words.note.part-text"))), note(t("report.words.note.lost"), h("p", null, t(draft.kind === "report" ? "report.words.note.lost-text" : "report.words.note.lost-record")))),
                ),
            ]
        },
    }
}

export function confirmStep(desk: Desk): Step {
    const { draft, list } = desk
    let positions = checkPositions()
    return {
        name: "confirm",
        number: draft.kind === "report" ? 6 : 4,
        render: (walk) => {
            const words = toWords(draft.secret as Uint8Array, list)
            positions = checkPositions()
            const fields = positions.map((position) => {
                const id = `word-${position}`
                return h("div", { class: "field" }, h("label", { for: id }, t("report.confirm.word", { n: position })),
                    h("input", { id, type: "text", lang: list.language === "zh" ? "zh-CN" : "en", "data-position": position, "data-testid": "word", autocomplete: "off", autocapitalize: "none", autocorrect: "off", spellcheck: "false" }))
            })
            const go = (event: Event): void => {
                event.preventDefault()
                const typed = (position: number): string => (document.getElementById(`word-${position}`) as HTMLInputElement).value
                const wrong = positions.filter((position) => !sameWord(typed(position), words[position - 1] as string))
                if (!wrong.length) return walk.next()
                showErrors(document.getElementById("main") as HTMLElement, wrong.map((position) => ({ field: `word-${position}`, text: t(typed(position).trim() ? "report.confirm.wrong" : "report.confirm.empty", { n: position }) })))
            }
            return [
                walk.line(),
                h("div", { class: "split" },
                    h("form", { class: "flow", onsubmit: go, novalidate: true },
                        h("h1", null, t("report.confirm.h1")), h("p", { class: "read" }, t("report.confirm.lead")), fields,
                        h("div", { class: "act" }, h("button", { id: "send", class: "btn go big", type: "submit", "data-testid": "send" }, t(draft.kind === "report" ? "report.confirm.send" : "report.confirm.send-record"))),
                        h("p", { class: "soft" }, t("report.confirm.once")),
                    ),
                    h("aside", { class: "notes" }, note(t("report.confirm.note"), h("p", null, t("report.confirm.note-text")))),
                ),
            ]
        },
    }
}
