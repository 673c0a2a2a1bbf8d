/** What the console draws beside the shared parts of src/ui: rings, the mark, and the page's own icon symbols. */
export { fill, h, icon, type Child } from "../ui/index.ts"

type Attributes = Readonly<Record<string, string | number>>
const SVG = "http://www.w3.org/2000/svg"

export function svg(tag: string, attributes: Attributes, ...children: SVGElement[]): SVGElement {
    const element = document.createElementNS(SVG, tag) as SVGElement
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value))
    element.append(...children)
    return element
}

type Shape = readonly [tag: string, attributes: Attributes]
const line = (d: string): Shape => ["path", { d }]
const dot = (cx: number, cy: number, r: number): Shape => ["circle", { cx, cy, r, fill: "currentColor", stroke: "none" }]

/** Drawn on a 24 by 24 grid, stroked in the colour of the text. */
const ICONS = {
    kept: [["circle", { cx: 12, cy: 12, r: 9 }], line("m8 12.3 2.8 2.8 5.3-5.6")],
    due: [["circle", { cx: 12, cy: 12, r: 9 }]],
    next: [line("M12 3a9 9 0 1 0 9 9"), dot(18.4, 5.6, 2.2)],
    missed: [line("M10.5 3.4a7.8 7.8 0 0 0 0 15.6"), line("M13.5 5a7.8 7.8 0 0 1 0 15.6")],
    sealed: [
        ["rect", { x: 3.5, y: 6, width: 17, height: 13, rx: 2 }],
        line("m4.5 7.5 4.8 3.6M19.5 7.5l-4.8 3.6"),
        dot(12, 12.6, 2.7),
    ],
    open: [["rect", { x: 3.5, y: 9, width: 17, height: 11, rx: 2 }], line("m3.5 10 8.5-6.5 8.5 6.5-8.5 5.5z")],
    back: [line("m14 6-6 6 6 6")],
    photo: [
        ["rect", { x: 3.5, y: 5, width: 17, height: 14, rx: 2 }],
        ["circle", { cx: 9, cy: 10, r: 1.6 }],
        line("m5 17.5 5-4 3 2.2 3.5-3.7 3.5 3.5"),
    ],
    sound: [line("M5 10v4M8.5 7v10M12 4.5v15M15.5 8v8M19 10.5v3")],
    film: [["rect", { x: 3.5, y: 5.5, width: 17, height: 13, rx: 2 }], line("m10.5 9.3 4.6 2.7-4.6 2.7z")],
    paper: [line("M6 3.5h8l4.5 4.5v12.5H6z"), line("M14 3.5V8h4.5M9 12.5h6.5M9 16h6.5")],
    print: [line("M7 9V4h10v5M7 17H4.5v-7.5h15V17H17M7 14.5h10V20H7z")],
    // Those that the files part of src/files asks for.
    add: [line("M12 5v14M5 12h14")],
    file: [line("M6 3.5h8l4 4V20.5H6z"), line("M14 3.5v4h4")],
    video: [["rect", { x: 3.5, y: 6, width: 12.5, height: 12, rx: 2 }], line("m16 10.5 4.5-2.5v8L16 13.5")],
    voice: [["rect", { x: 9, y: 3.5, width: 6, height: 11, rx: 3 }], line("M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3")],
    copy: [["rect", { x: 8.5, y: 8.5, width: 12, height: 12, rx: 2 }], line("M15.5 5.5v-2h-12v12h2")],
    down: [line("M12 4v11M7.5 11 12 15.5 16.5 11M5 20h14")],
    warn: [line("M12 4 3.5 19.5h17z"), line("M12 10v4.5"), dot(12, 17, 0.9)],
} satisfies Record<string, readonly Shape[]>

/** The symbols that `icon` uses, for the end of the page. */
export function symbols(): SVGElement {
    const all = Object.entries(ICONS).map(([name, shapes]) => {
        const drawn = (shapes as readonly Shape[]).map(([tag, attributes]) => svg(tag, attributes))
        return svg("symbol", { id: `i-${name}`, viewBox: "0 0 24 24" }, ...drawn)
    })
    return svg("svg", { class: "aside-only", "aria-hidden": "true" }, ...all)
}

/** The ring of a clock: how much of the time is gone, 0 to 1. */
export function ring(gone: number): SVGElement {
    const share = Math.max(0, Math.min(100, Math.round(gone * 100)))
    const round = { cx: 12, cy: 12, r: 9 }
    return svg(
        "svg",
        { class: "i", viewBox: "0 0 24 24", "aria-hidden": "true" },
        svg("circle", { class: "rest", ...round }),
        svg("circle", {
            ...round,
            pathLength: 100,
            "stroke-dasharray": `${share} 100`,
            "stroke-linecap": "butt",
            transform: "rotate(-90 12 12)",
        }),
    )
}

/** The mark: a ring with a pearl in its gap. */
export function mark(): SVGElement {
    return svg(
        "svg",
        { viewBox: "0 0 32 32", "aria-hidden": "true" },
        svg("path", { class: "mark-ring", d: "M18.54 5.81a10.5 10.5 0 1 0 7.65 7.65" }),
        svg("circle", { class: "mark-pearl", cx: 23.6, cy: 8.4, r: 3.2 }),
    )
}

let serial = 0
/** An id no other element of this document has. */
export function freshId(stem: string): string {
    serial += 1
    return `${stem}-${serial}`
}
