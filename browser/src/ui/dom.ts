/**
 * Elements without HTML text: everything on a page is made here, so that no word of a report can
 * become markup (the pages run under `require-trusted-types-for 'script'`).
 *
 *     h("p", { class: "lead" }, "Four people can read it. ", h("a", { href: "help" }, "Help lines"))
 */

export type Child = Node | string | number | null | undefined | false | readonly Child[]

type Value = string | number | boolean | null | undefined | ((event: never) => void)

/** Attributes; `on…` takes a listener, `true` sets an empty attribute, `false`, null and undefined leave it out. */
export type Props = Readonly<Record<string, Value>>

const SVG = "http://www.w3.org/2000/svg"
const DRAWN = new Set(["svg", "use", "path", "circle", "rect", "g", "line", "text"])

export function h<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, props?: Props | null, ...children: Child[]): HTMLElementTagNameMap[Tag]
export function h(tag: string, props?: Props | null, ...children: Child[]): HTMLElement
export function h(tag: string, props?: Props | null, ...children: Child[]): Element {
    const element = DRAWN.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag)
    for (const [name, value] of Object.entries(props ?? {})) set(element, name, value)
    append(element, children)
    return element
}

function set(element: Element, name: string, value: Value): void {
    if (typeof value === "function") element.addEventListener(name.slice(2).toLowerCase(), value as EventListener)
    else if (value === true) element.setAttribute(name, "")
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value))
}

function append(parent: Node, children: readonly Child[]): void {
    for (const child of children) {
        if (child === null || child === undefined || child === false) continue
        if (Array.isArray(child)) append(parent, child as readonly Child[])
        else parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child)))
    }
}

/** Empties `parent` and puts `children` in. */
export function fill(parent: Element, ...children: Child[]): void {
    parent.replaceChildren()
    append(parent, children)
}

/** The element with this id. Throws if the page lacks it: that is a mistake of ours. */
export function byId<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
    const element = document.getElementById(id)
    if (!element) throw new Error(`no element #${id}`)
    return element as Kind
}

/** An icon of the page's own symbols (`pages/_icons.html`); `label` gives it a name, without it is decoration. */
export function icon(name: string, label?: string): Element {
    const props = label === undefined ? { "aria-hidden": "true" } : { role: "img", "aria-label": label }
    return h("svg", { class: "i", viewBox: "0 0 24 24", ...props }, h("use", { href: `#i-${name}` }))
}
