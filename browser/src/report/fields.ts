/** Fields that keep what is typed in the draft at once, so that going back loses nothing. */
import { h, t, type Child } from "../ui/index.ts"

/** Nothing typed here may be learned by the device's keyboard or kept by the browser. */
const PRIVATE = { autocomplete: "off", autocapitalize: "sentences", spellcheck: "false", "data-lpignore": "true" }

export function textField(id: string, label: string, value: string, keep: (value: string) => void, hint?: string): HTMLElement {
    const input = h("input", { id, type: "text", ...PRIVATE, "aria-describedby": hint ? `${id}-hint` : null, oninput: (event: Event) => keep((event.target as HTMLInputElement).value) })
    input.value = value
    return h("div", { class: "field" }, h("label", { for: id }, label), hint && h("p", { class: "hint", id: `${id}-hint` }, hint), input)
}

export function textArea(id: string, value: string, keep: (value: string) => void, props: Readonly<Record<string, string>> = {}): HTMLTextAreaElement {
    const area = h("textarea", { id, ...PRIVATE, ...props, oninput: (event: Event) => keep((event.target as HTMLTextAreaElement).value) })
    area.value = value
    return area
}

export interface Option<Value extends string> {
    readonly value: Value
    readonly label: string
    readonly hint?: string
}

/** A group of radio buttons, each a whole line to press. */
export function choices<Value extends string>(
    name: string, legend: Child, options: readonly Option<Value>[], value: Value | null, keep: (value: Value) => void, inRow = false,
): HTMLElement {
    return h("fieldset", { class: "question flow read", id: name }, h("legend", null, legend), h("div", { class: inRow ? "row" : "choices" }, options.map((option) => {
        const input = h("input", { type: "radio", name, id: `${name}-${option.value || "none"}`, value: option.value, checked: option.value === value, onchange: () => keep(option.value) })
        return h("label", { class: "choice" }, input, h("span", null, option.label, option.hint ? h("span", { class: "hint" }, h("br"), option.hint) : null))
    })))
}

export function yesNo(name: string, legend: string, value: string, keep: (value: "yes" | "no" | "unsure") => void): HTMLElement {
    const options = (["yes", "no", "unsure"] as const).map((one) => ({ value: one, label: t(`report.what.${name}-${one}`) }))
    return choices(name, legend, options, value === "" ? null : (value as "yes" | "no" | "unsure"), keep, true)
}

export function button(id: string, text: string, press: () => void, kind = "btn go big"): HTMLButtonElement {
    return h("button", { id, class: kind, type: "button", "data-testid": id, onclick: press }, text)
}
