/** "Have you told someone already?": whom, and when. The clock then starts above that person. */
import { startRung } from "../core/panel.ts"
import { fill, h, note, said, t } from "../ui/index.ts"
import type { Desk } from "./desk.ts"
import { disclosures, type Told } from "./draft.ts"
import { button, textField } from "./fields.ts"
import type { Step } from "./flow.ts"

export function toldStep(desk: Desk): Step {
    const { draft } = desk
    return {
        name: "told",
        number: 3,
        render: (walk) => {
            const list = h("ol", { class: "told read", "data-testid": "told-list" })
            const effect = h("p", { class: "read soft", role: "status", "aria-live": "polite", id: "told-effect" })
            const say = (): void => void (effect.textContent = effectOf(desk))
            const redraw = (focusLast = false): void => {
                fill(list, draft.told.map((one, i) => entry(desk, one, i, () => (say()), () => {
                    draft.told.splice(i, 1)
                    redraw()
                    document.getElementById("told-add")?.focus()
                })))
                list.hidden = draft.told.length === 0
                say()
                if (focusLast) document.getElementById(`told-${draft.told.length - 1}-person`)?.focus()
            }
            const add = button("told-add", t("report.told.add"), () => {
                draft.told.push({ person: null, to: "", on: "" })
                redraw(true)
            }, "btn")
            redraw()
            return [
                walk.line(),
                h("div", { class: "split" },
                    h("div", { class: "flow" },
                        h("h1", null, t("report.told.h1")), h("p", { class: "read" }, t("report.told.lead")),
                        list, h("div", { class: "act" }, add), effect,
                        h("div", { class: "act" }, button("next", t("common.continue"), walk.next), button("skip", t("report.told.nobody"), walk.next, "btn quiet")),
                    ),
                    h("aside", { class: "notes" }, note(t("report.told.note.why"), h("p", null, t("report.told.note.why-text"))), note(t("report.told.note.counts"), h("p", null, t("report.told.note.counts-text"))), note(t("report.told.note.see"), h("p", null, t("report.told.note.see-text")))),
                ),
            ]
        },
    }
}

function effectOf(desk: Desk): string {
    const told = disclosures(desk.draft)
    if (!told.length || !desk.readers) return ""
    const rung = startRung(desk.readers.newest, told.map((one) => one.person))
    return t("report.told.effect", { who: t(`report.told.rung.${rung}`) })
}

function entry(desk: Desk, one: Told, i: number, changed: () => void, remove: () => void): HTMLElement {
    const people = desk.readers?.newest.people ?? []
    const other = h("div", null, textField(`told-${i}-to`, t("report.told.name"), one.person ? "" : one.to, (text) => {
        one.to = text
        changed()
    }, t("report.told.name-hint")))
    const person = h("select", { id: `told-${i}-person`, autocomplete: "off", onchange: () => {
        one.person = person.value || null
        const known = people.find(({ id }) => id === one.person)
        one.to = known ? said(known.name) : ""
        other.hidden = one.person !== null
        changed()
    } }, h("option", { value: "" }, t("report.told.someone-else")), people.map(({ id, name, duty }) => h("option", { value: id }, `${said(name)} · ${said(duty)}`)))
    person.value = one.person ?? ""
    other.hidden = one.person !== null
    const on = h("input", { id: `told-${i}-on`, type: "date", autocomplete: "off", onchange: () => void (one.on = on.value) })
    on.value = one.on
    return h("li", { "data-testid": "told" },
        h("div", { class: "field" }, h("label", { for: `told-${i}-person` }, t("report.told.whom")), person), other,
        h("div", { class: "field" }, h("label", { for: `told-${i}-on` }, t("report.told.when")), h("p", { class: "hint", id: `told-${i}-hint` }, t("report.told.when-hint")), on),
        h("button", { class: "btn quiet", type: "button", onclick: remove, "aria-label": t("report.told.remove", { n: i + 1 }) }, t("common.remove")))
}
