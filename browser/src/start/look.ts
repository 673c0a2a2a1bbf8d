/** An organisation's own colour and mark. Only colours and one fixed kind of address go in: a server can't slip in a style. */
import type { Organisation } from "./frame.ts"

const NAMES = ["jade", "jade-deep", "jade-tint", "on-jade"]
const COLOUR = /^#[0-9a-f]{6}$/
const MARK = /^\/o\/[a-z0-9-]{1,63}\/mark\.png\?v=[0-9a-f]{16}$/

export function dress(look: Organisation["look"]): void {
    const light = rules(look?.light)
    const dark = rules(look?.dark)
    if (light && dark && "adoptedStyleSheets" in document) {
        const sheet = new CSSStyleSheet()
        sheet.replaceSync(`:root{${light}}@media screen and (prefers-color-scheme:dark){:root{${dark}}}`)
        document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
    }
    wear(document.querySelector(".brand > svg"), look)
}

/** Puts the organisation's mark in the place of ours, once it has come. */
export function wear(ring: Element | null, look: Organisation["look"]): void {
    if (!ring || !look?.mark || !MARK.test(look.mark)) return
    const mark = new Image()
    mark.src = look.mark
    mark.alt = ""
    mark.className = "mark-shown"
    mark.addEventListener("load", () => ring.replaceWith(mark))
}

function rules(colours: Readonly<Record<string, string>> | null | undefined): string | null {
    if (!colours || !NAMES.every((name) => COLOUR.test(colours[name] ?? ""))) return null
    return NAMES.map((name) => `--${name}:${colours[name]};`).join("")
}
