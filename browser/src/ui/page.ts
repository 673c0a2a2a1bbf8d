/** One document, many pages: swapping what `main` holds without losing what memory holds. */
import { clearErrors } from "./errors.ts"
import { fill, h, icon, type Child } from "./dom.ts"
import { t } from "./strings.ts"

export interface Page {
    /** Neutral: it stands in the tab and in the browser's history, where others may look. */
    readonly title: string
    readonly content: Child
    /** A stable name, as `data-step` on `main`. */
    readonly step: string
}

/** Shows a page: new content, new title, top of the page, focus on the h1 so that it is read aloud. */
export function showPage({ title, content, step }: Page): void {
    const main = document.getElementById("main") as HTMLElement
    clearErrors(main)
    fill(main, content)
    main.dataset.step = step
    document.title = title
    window.scrollTo(0, 0)
    const heading = main.querySelector<HTMLElement>("h1")
    if (!heading) return
    heading.tabIndex = -1
    heading.focus({ preventScroll: true })
}

/** "Back · Step 3 of 7". `back` null leaves the button out. */
export function stepLine(step: number, of: number, back: (() => void) | null): HTMLElement {
    return h(
        "div", { class: "step" },
        back && h("button", { class: "back", type: "button", id: "back", onclick: back }, icon("back"), t("common.back")),
        h("span", null, t("common.step", { step, of })),
    )
}

/** A note in the margin that answers a worry where it arises. */
export function note(title: string, ...body: Child[]): HTMLElement {
    return h("section", { class: "note" }, h("h2", null, title), body)
}

/** A line that is read aloud when it changes, without moving the focus. */
export function statusLine(id: string): HTMLElement {
    return h("p", { id, role: "status", "aria-live": "polite", class: "soft" })
}
