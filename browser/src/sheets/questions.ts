/** Own questions on a page: a field to answer one, and what was asked and answered as a list. */
import { YES_NO, type Answer, type AskedQuestion, type Question } from "../core/questions.ts"
import { choices, textArea, textField } from "../report/fields.ts"
import { day, h, language, said, t, type Child } from "../ui/index.ts"

/** `id`: of the field, none other of the document. `hidden`: the question stands above the field already. */
export function answerField(id: string, question: Question, value: Answer | undefined, keep: (answer: Answer | undefined) => void, hidden = false): HTMLElement {
    const { kind, options = [] } = question
    const text = typeof value === "string" ? value : ""
    const label = said(question.text)
    const hint = question.hint && said(question.hint)
    const legend = h("span", hidden ? { class: "aside-only" } : null, label)
    if (kind === "one" || kind === "yes-no") {
        const wanted = kind === "one" ? options.map((one) => ({ value: one.id, label: said(one.text) })) : YES_NO.map((one) => ({ value: one as string, label: t(`own.${one}`) }))
        return hinted(choices(id, legend, wanted, text || null, keep, kind === "yes-no"), hint)
    }
    if (kind === "several") return hinted(several(id, legend, question, Array.isArray(value) ? value : [], keep), hint)
    if (kind === "date") {
        const input = h("input", { id, type: "date", autocomplete: "off", "aria-describedby": hint ? `${id}-hint` : null, onchange: () => keep(input.value || undefined) })
        input.value = text
        return fieldOf(id, label, hint, input, hidden)
    }
    if (kind === "short") {
        const field = textField(id, label, text, (typed) => keep(typed || undefined), hint)
        if (hidden) field.querySelector("label")?.classList.add("aside-only")
        return field
    }
    const area = textArea(id, text, (typed) => keep(typed || undefined), { rows: "5", ...(hint ? { "aria-describedby": `${id}-hint` } : {}) })
    return fieldOf(id, label, hint, area, hidden)
}

function fieldOf(id: string, label: string, hint: string | undefined, input: HTMLElement, hidden: boolean): HTMLElement {
    return h("div", { class: "field" }, h("label", { for: id, class: hidden ? "aside-only" : null }, label), hint && h("p", { class: "hint", id: `${id}-hint` }, hint), input)
}

function hinted(group: HTMLElement, hint: string | undefined): HTMLElement {
    if (hint) group.querySelector("legend")?.after(h("p", { class: "hint" }, hint))
    return group
}

function several(id: string, legend: Child, { options = [] }: Question, value: readonly string[], keep: (answer: readonly string[]) => void): HTMLElement {
    const ticked = new Set(value)
    return h("fieldset", { class: "question flow read", id }, h("legend", null, legend), h("div", { class: "choices" }, options.map((one) => {
        const input = h("input", { type: "checkbox", id: `${id}-${one.id}`, value: one.id, autocomplete: "off", checked: ticked.has(one.id), onchange: () => {
            if (input.checked) ticked.add(one.id)
            else ticked.delete(one.id)
            keep(options.map((each) => each.id).filter((each) => ticked.has(each)))
        } })
        return h("label", { class: "choice" }, input, h("span", null, said(one.text)))
    })))
}

/** An answer in words; null where there is none. */
export function answerWords({ kind, options = [], answer }: AskedQuestion): string | null {
    if (answer === null) return null
    const word = (one: string): string => {
        const option = options.find(({ id }) => id === one)
        if (option) return said(option.text)
        return kind === "yes-no" && (YES_NO as readonly string[]).includes(one) ? t(`own.${one}`) : one
    }
    if (typeof answer !== "string") return answer.map(word).join(language() === "zh" ? "；" : "; ")
    if (kind === "date" && /^\d{4}-\d\d-\d\d$/.test(answer)) return day(new Date(`${answer}T12:00:00Z`))
    return word(answer)
}

/** Everything that was asked, with what was answered, also what was passed over. */
export function askedList(asked: readonly AskedQuestion[]): HTMLElement | null {
    if (asked.length === 0) return null
    return h("dl", { class: "asked", "data-testid": "own-answers" }, asked.map((one) => {
        const words = answerWords(one)
        return [h("dt", null, said(one.text), one.hint && h("span", { class: "small" }, h("br"), said(one.hint))), h("dd", { class: words === null ? "soft" : null }, words ?? t("own.skipped"))]
    }))
}
