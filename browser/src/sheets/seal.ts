/**
 * The seal of a receipt: a ring of 64 spokes, one for each hexadecimal digit of the leaf's hash, so that
 * no two receipts look alike and a person can compare two of them by eye (design: the ring).
 */
import { hex } from "../core/bytes.ts"
import { h } from "../ui/index.ts"

const SPOKES = 64
const INNER = 30

/** The spokes as an SVG path in a field of 100 by 100; spoke n stands at n/64 of a turn from the top, clockwise. */
export function ringPath(leafHash: Uint8Array): string {
    const digits = hex(leafHash).slice(0, SPOKES)
    let path = ""
    for (let n = 0; n < digits.length; n++) {
        const outer = INNER + 3 + 1.05 * parseInt(digits.charAt(n), 16)
        const angle = (2 * Math.PI * n) / SPOKES
        path += `M${point(INNER, angle)}L${point(outer, angle)}`
    }
    return path
}

function point(radius: number, angle: number): string {
    return `${(50 + radius * Math.sin(angle)).toFixed(1)} ${(50 - radius * Math.cos(angle)).toFixed(1)}`
}

export const RING_TICK = "m40.5 50.5 6.6 6.6 12.5-13.4"

export function sealRing(leafHash: Uint8Array, label: string): Element {
    const props = { class: "seal", viewBox: "0 0 100 100", role: "img", "aria-label": label, fill: "none", stroke: "currentColor" }
    return h(
        "svg",
        props,
        h("path", { d: ringPath(leafHash), "stroke-width": "1.9", "stroke-linecap": "round" }),
        h("circle", { cx: "50", cy: "50", r: "25.5", "stroke-width": "1.2" }),
        h("path", { d: RING_TICK, "stroke-width": "3.6", "stroke-linecap": "round", "stroke-linejoin": "round" }),
    )
}
