/** Small pieces that several pages of the console share. */
import { fill, freshId, h, icon, type Child } from "./dom.ts"
import { t } from "./words.ts"
import { CoreError } from "../core/errors.ts"
import { Offline, ServerRefused } from "./server.ts"
import { knows } from "./words.ts"

/** The page's heading; it takes the focus when the page comes. */
export function heading(text: string): HTMLElement {
    return h("h1", { tabindex: "-1" }, text)
}

export interface ButtonOptions {
    readonly id?: string
    readonly main?: boolean
    readonly quiet?: boolean
    readonly icon?: string
}

export function button(text: string, act: () => void, options: ButtonOptions = {}): HTMLButtonElement {
    const kind = options.main === true ? "btn go" : options.quiet === true ? "btn quiet" : "btn"
    const named = options.id === undefined ? {} : { id: options.id, "data-testid": options.id }
    return h("button", { class: kind, type: "button", onclick: act, ...named }, options.icon === undefined ? null : icon(options.icon), text)
}

/** A place where a result is said, next to what was pressed. */
export class Status {
    readonly element = h("p", { class: "status small", role: "status" })

    say(text: string): void {
        this.element.classList.remove("error")
        this.element.textContent = text
    }

    fail(error: unknown): void {
        this.element.classList.add("error")
        this.element.textContent = wordsFor(error)
    }

    clear(): void {
        this.say("")
    }
}

/** What to say about an error: what to do, not what went wrong inside. Throws again what is a mistake of ours. */
export function wordsFor(error: unknown): string {
    if (error instanceof Offline) return t("console.line.lost")
    const code = error instanceof ServerRefused || error instanceof CoreError ? error.code : codeOf(error)
    if (code === null) throw error
    if (error instanceof ServerRefused && (error.status === 401 || (error.status === 403 && code === "not-signed-in"))) return t("console.line.signed-out")
    return knows(`console.error.${code}`) ? t(`console.error.${code}`) : t("console.error.other", { code })
}

function codeOf(error: unknown): string | null {
    const code = (error as { code?: unknown } | null)?.code
    return typeof code === "string" ? code : null
}

/** Runs `act` with the button held and a word on what goes on; a failure is said in the same place. */
export async function busy(pressed: HTMLButtonElement, status: Status, text: string, act: () => Promise<void>): Promise<void> {
    if (pressed.getAttribute("aria-disabled") === "true") return
    pressed.setAttribute("aria-disabled", "true")
    status.say(text)
    // Sealing and scrypt hold the page for a moment: let the words be painted first.
    await new Promise((done) => setTimeout(done, 30))
    try {
        await act()
        if (status.element.textContent === text) status.clear()
    } catch (error) {
        status.fail(error)
    } finally {
        pressed.removeAttribute("aria-disabled")
    }
}

export interface TickOptions {
    readonly checked?: boolean
    readonly value?: string
    readonly name?: string
    readonly kind?: "checkbox" | "radio"
    readonly id?: string
    readonly disabled?: boolean
    readonly onchange?: (event: Event) => void
}

/** A tick or choice with its words; the whole card is the label. */
export function tick(words: Child, options: TickOptions = {}): { label: HTMLLabelElement; input: HTMLInputElement } {
    const input = h("input", {
        type: options.kind ?? "checkbox",
        checked: options.checked === true,
        value: options.value ?? null,
        name: options.name ?? null,
        id: options.id ?? null,
        "data-testid": options.id ?? null,
        disabled: options.disabled === true,
        onchange: options.onchange,
    }) as HTMLInputElement
    return { input, label: h("label", { class: "choice" }, input, h("span", null, words)) }
}

export function field(label: string, control: HTMLElement, hint?: string): HTMLElement {
    const id = control.id || freshId("field")
    control.id = id
    const hinted = hint === undefined ? null : h("p", { class: "hint", id: `${id}-hint` }, hint)
    if (hinted !== null) control.setAttribute("aria-describedby", `${id}-hint`)
    return h("div", { class: "field" }, h("label", { for: id }, label), hinted, control)
}

export function note(title: string | null, ...words: Child[]): HTMLElement {
    return h("div", { class: "note" }, title === null ? null : h("h2", null, title), words.map((one) => h("p", null, one)))
}

/** Says plainly that something does not fit. */
export function alarm(title: string, id: string, ...inside: Child[]): HTMLElement {
    return h("section", { class: "errors flow", role: "alert", "aria-labelledby": id, "data-testid": id }, h("h2", { id }, title), inside)
}

/** The language that a text is read aloud in, told by its script. */
export function langOf(text: string): string {
    return /\p{Script=Han}/u.test(text) ? "zh-CN" : "en"
}

/** What was written, as paragraphs. */
export function paragraphs(text: string): HTMLElement[] {
    return text
        .split(/\n{2,}/)
        .filter((part) => part.trim() !== "")
        .map((part) => {
            const lines = part.split("\n")
            return h("p", { lang: langOf(part) }, lines.flatMap((line, i) => (i === 0 ? [line] : [h("br"), line])))
        })
}

export { fill }
