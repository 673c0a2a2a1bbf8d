/** Says what to do before the page can go on: a summary with a link to each field, and a line at the field. */
import { count, t } from "./strings.ts"
import { h } from "./dom.ts"

export interface FieldError {
    /** Id of the control. */
    readonly field: string
    readonly text: string
}

/** Removes what an earlier `showErrors` left. */
export function clearErrors(root: HTMLElement): void {
    root.querySelectorAll(".errors, .error").forEach((element) => element.remove())
    root.querySelectorAll("[data-error]").forEach((element) => element.removeAttribute("data-error"))
    root.querySelectorAll("[aria-invalid]").forEach((control) => {
        control.removeAttribute("aria-invalid")
        const rest = (control.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => !id.endsWith("-error"))
        if (rest.join(" ")) control.setAttribute("aria-describedby", rest.join(" "))
        else control.removeAttribute("aria-describedby")
    })
}

/** Puts the summary under the h1, marks the fields, moves the focus to the summary. */
export function showErrors(root: HTMLElement, errors: readonly FieldError[]): void {
    clearErrors(root)
    if (!errors.length) return
    const list = errors.map(({ field, text }) => h("li", null, h("a", { href: `#${field}`, onclick: (event: Event) => focusField(event, field) }, text)))
    const summary = h(
        "section", { class: "errors flow", role: "alert", "aria-labelledby": "errors-title", tabindex: "-1", "data-testid": "errors" },
        h("h2", { id: "errors-title" }, count("common.errors", errors.length)), h("ul", { class: "plain" }, list),
    )
    const heading = root.querySelector("h1")
    if (heading?.parentNode) heading.parentNode.insertBefore(summary, heading.nextSibling)
    else root.prepend(summary)
    for (const error of errors) mark(error)
    summary.focus()
}

function mark({ field, text }: FieldError): void {
    const control = document.getElementById(field)
    const box = control?.closest(".field, fieldset, .question")
    if (!control || !box) return
    const line = h("p", { class: "error", id: `${field}-error` }, h("span", { class: "aside-only" }, t("common.error-mark")), text)
    box.setAttribute("data-error", "")
    if (control === box) box.insertBefore(line, box.querySelector("legend")?.nextSibling ?? box.firstChild)
    else control.parentNode?.insertBefore(line, control)
    control.setAttribute("aria-invalid", "true")
    control.setAttribute("aria-describedby", `${control.getAttribute("aria-describedby") ?? ""} ${field}-error`.trim())
}

// The hash is the poster's anchor: a link to a field must not replace it.
function focusField(event: Event, field: string): void {
    event.preventDefault()
    const control = document.getElementById(field)
    control?.scrollIntoView({ block: "center" })
    control?.focus()
}
