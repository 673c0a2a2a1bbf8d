/** The frame around every page: head, navigation, the lock, the line's state, the foot with the other language. */
import { wear } from "../start/look.ts"
import { fill, h, icon, mark, symbols } from "./dom.ts"
import type { Desk, Place, View } from "./desk.ts"
import { hour } from "./when.ts"
import { language, said, t, type Language } from "./words.ts"

export interface Frame {
    show(view: View, place: Place): void
    showLock(): void
    redraw(): void
    focusTitle(): void
    /** What is wrong with the connection; null when nothing is. */
    line(text: string | null): void
    /** Says something to everybody, also to who does not see the page. */
    say(text: string): void
}

const PAGES = ["inbox", "roster", "key", "notices"] as const

export function buildFrame(root: HTMLElement, desk: Desk, speak: (language: Language) => void): Frame {
    const head = h("header", { class: "top" })
    const foot = h("footer", { class: "foot" })
    const main = h("main", { id: "main" })
    const line = h("p", { class: "line", role: "status", id: "line", "data-testid": "line", hidden: true })
    const spoken = h("p", { class: "aside-only", role: "status", id: "spoken" })
    const skip = h("a", { class: "skip", href: "#main" })
    // The address's hash names the page, so the skip link moves the focus itself.
    skip.addEventListener("click", (event) => {
        event.preventDefault()
        main.querySelector<HTMLElement>("h1")?.focus()
    })
    fill(root, skip, head, line, main, foot, spoken, symbols())
    let shown: Place = { view: "inbox" }

    const showLock = (): void => {
        const lock = head.querySelector(".lock")
        const until = lock?.querySelector("[data-testid=unlocked-until]")
        // In place: the very press that counts as use may be the one on this button, and a new button would lose it.
        if (until && desk.session.isOpen) until.textContent = untilText(desk)
        else if (lock !== null) fill(lock, ...lockParts(desk))
    }
    const redraw = (): void => {
        skip.textContent = t("console.skip")
        fill(head, h("div", null, brand(desk), navigation(shown), h("div", { class: "lock" })))
        showLock()
        fill(foot, h("ul", null, h("li", null, h("a", { href: `/work/${desk.facts.org}/` }, t("console.foot.home"))), h("li", null, other(speak))))
    }
    redraw()
    return {
        show(view, place) {
            shown = place
            redraw()
            fill(main, view.element)
            document.title = `${view.title} – ${t("console.product")}`
        },
        showLock,
        redraw,
        focusTitle() {
            main.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true })
        },
        line(text) {
            line.hidden = text === null
            if (line.textContent !== (text ?? "")) line.textContent = text ?? ""
        },
        say(text) {
            spoken.textContent = text
        },
    }
}

function brand(desk: Desk): HTMLElement {
    const ring = mark()
    wear(ring, desk.facts.look)
    return h("a", { class: "brand", href: "#inbox" }, ring, h("span", null, h("b", null, t("console.product")), h("span", null, said(desk.facts.name))))
}

function navigation(shown: Place): HTMLElement {
    const current = PAGES.find((page) => page === shown.view) ?? "inbox"
    return h(
        "nav",
        { "aria-label": t("console.nav") },
        PAGES.map((page) =>
            h("a", { href: `#${page}`, "data-testid": `nav-${page}`, "aria-current": page === current ? "page" : null }, t(`console.nav.${page}`)),
        ),
    )
}

function untilText(desk: Desk): string {
    return t("console.unlocked-until", { time: hour(desk.session.until) })
}

function lockParts(desk: Desk): HTMLElement[] {
    if (!desk.session.isOpen) return [h("span", { class: "sealed-now" }, desk.me.key === null ? "" : t("console.locked"))]
    return [
        h("span", { class: "wide", "data-testid": "unlocked-until" }, untilText(desk)),
        h(
            "button",
            { class: "btn", type: "button", id: "lock-now", "data-testid": "lock-now", onclick: () => desk.session.lock() },
            icon("sealed"),
            t("console.lock-now"),
        ),
    ]
}

function other(speak: (language: Language) => void): HTMLElement {
    const next: Language = language() === "zh" ? "en" : "zh"
    return h(
        "button",
        { class: "btn quiet", type: "button", lang: next === "zh" ? "zh-CN" : "en", id: "language", "data-testid": "language", onclick: () => speak(next) },
        next === "zh" ? "中文" : "English",
    )
}
