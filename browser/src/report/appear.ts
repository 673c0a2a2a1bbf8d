/** How you appear: anonymous, by name to the panel, or by name to the external member alone. */
import { externalsOf, mayBeConfidential } from "../core/panel.ts"
import { fill, h, listed, note, said, showErrors, t, type FieldError } from "../ui/index.ts"
import type { Desk } from "./desk.ts"
import type { Appear } from "./draft.ts"
import { button, choices, textField, type Option } from "./fields.ts"
import type { Step } from "./flow.ts"

export function appearStep(desk: Desk): Step {
    const { draft } = desk
    return {
        name: "appear",
        number: 5,
        render: (walk) => {
            const roster = desk.readers?.newest
            const confidential = roster !== undefined && mayBeConfidential(roster, draft.panel)
            if (!confidential && draft.appear === "confidential") draft.appear = "anonymous"
            const outside = roster ? listed(externalsOf(roster, draft.panel).map((person) => said(person.name))) : ""
            const more = h("div", { class: "flow read" })
            const redraw = (): void => fill(more, fieldsOf(desk))
            const options: Option<Appear>[] = [
                { value: "anonymous", label: t("report.appear.anonymous"), hint: t("report.appear.anonymous-hint") },
                { value: "named", label: t("report.appear.named"), hint: t("report.appear.named-hint") },
            ]
            if (confidential) options.push({ value: "confidential", label: t("report.appear.confidential", { name: outside }), hint: t("report.appear.confidential-hint") })
            redraw()
            const go = (): void => {
                const errors: FieldError[] = []
                if (draft.appear !== "anonymous" && !draft.name.trim()) errors.push({ field: "name", text: t("report.appear.name-missing") })
                if (draft.appear === "confidential" && !draft.contact.trim()) errors.push({ field: "contact", text: t("report.appear.contact-missing") })
                if (errors.length) return showErrors(document.getElementById("main") as HTMLElement, errors)
                walk.next()
            }
            return [
                walk.line(),
                h("div", { class: "split" },
                    h("div", { class: "flow" },
                        h("h1", null, t("report.appear.h1")), h("p", { class: "read" }, t("report.appear.lead")),
                        choices("appear", h("span", { class: "aside-only" }, t("report.appear.h1")), options, draft.appear, (value) => {
                            draft.appear = value
                            redraw()
                        }),
                        !confidential && h("p", { class: "read soft", "data-testid": "no-confidential" }, t("report.appear.no-external")),
                        more,
                        h("div", { class: "act" }, button("next", t("common.continue"), go)),
                    ),
                    h("aside", { class: "notes" }, note(t("report.appear.note.answer"), h("p", null, t("report.appear.note.answer-text"))), note(t("report.appear.note.guess"), h("p", null, t("report.appear.note.guess-text"))), note(t("report.appear.note.later"), h("p", null, t("report.appear.note.later-text")))),
                ),
            ]
        },
    }
}

function fieldsOf({ draft }: Desk): HTMLElement[] {
    if (draft.appear === "anonymous") return []
    const name = textField("name", t("report.appear.name"), draft.name, (text) => void (draft.name = text))
    if (draft.appear === "named") return [name]
    return [name, textField("contact", t("report.appear.contact"), draft.contact, (text) => void (draft.contact = text), t("report.appear.contact-hint"))]
}
