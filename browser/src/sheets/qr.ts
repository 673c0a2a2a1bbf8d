/** QR codes as SVG, drawn by rows of modules. */
import encodeQR from "qr"
import { h } from "../ui/index.ts"

/** Rows of modules, true is dark, without the quiet zone. */
export function qrModules(text: string): readonly (readonly boolean[])[] {
    return encodeQR(text, "raw", { ecc: "medium", border: 1 }).slice(1, -1).map((row) => row.slice(1, -1))
}

/** Dark modules as an SVG path, one rectangle for each run. */
export function qrPath(modules: readonly (readonly boolean[])[]): string {
    let path = ""
    modules.forEach((row, y) => {
        for (let x = 0; x < row.length; x++) {
            if (!row[x]) continue
            const from = x
            while (row[x + 1]) x++
            const length = x + 1 - from
            path += `M${from} ${y}h${length}v1h-${length}z`
        }
    })
    return path
}

export function qrCode(text: string, label: string): Element {
    const modules = qrModules(text)
    const side = modules.length
    return h(
        "svg",
        { class: "qr", viewBox: `0 0 ${side} ${side}`, "shape-rendering": "crispEdges", role: "img", "aria-label": label },
        h("path", { fill: "currentColor", d: qrPath(modules) }),
    )
}
