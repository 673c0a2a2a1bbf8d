/**
 * A sheet as a picture, for browsers that drop downloads: shown on the page, kept by pressing on it.
 *
 * It is a `data:` address, not `blob:`: WeChat and others can't keep the latter.
 */
import { h, language, t } from "../ui/index.ts"

export type Part =
    | { kind: "title"; text: string }
    | { kind: "line"; text: string }
    | { kind: "print"; text: string }
    | { kind: "words"; words: readonly string[]; under: readonly string[] }
    | { kind: "paths"; width: number; height: number; paths: readonly DrawnPath[] }

export interface DrawnPath {
    d: string
    /** In units of the path's own field, `field` wide. */
    field: number
    at: readonly [x: number, y: number, size: number]
    /** Width of the line in the path's units; absent: filled. */
    line?: number
}

const WIDTH = 1080
const EDGE = 72
const INK = "#172a29"
const JADE = "#095047"

const serif = () => (language() === "zh" ? '"Songti SC", "Noto Serif CJK SC", serif' : 'Charter, "Noto Serif", Georgia, serif')
const sans = () => (language() === "zh" ? '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif' : 'Roboto, "Segoe UI", Arial, sans-serif')

/** The sheet as a PNG `data:` address; null where the browser can't draw or spoils what is drawn. */
export function pictureOf(parts: readonly Part[]): string | null {
    const canvas = h("canvas")
    const pen = canvas.getContext("2d")
    if (!pen) return null
    canvas.width = WIDTH
    canvas.height = lay(pen, parts, false)
    pen.fillStyle = "#ffffff"
    pen.fillRect(0, 0, canvas.width, canvas.height)
    pen.fillStyle = JADE
    pen.fillRect(0, 0, canvas.width, 16)
    const corner = pen.getImageData(2, 2, 1, 1).data
    // Browsers that guard against fingerprints give noise back: a useless picture of the only words.
    if (corner[0] !== 0x09 || corner[1] !== 0x50 || corner[2] !== 0x47) return null
    lay(pen, parts, true)
    return canvas.toDataURL("image/png")
}

/** The picture on the page, with what to do. */
export function showPicture(address: string, label: string): HTMLElement {
    return h(
        "figure",
        { class: "kept-picture flow", "data-testid": "kept-picture" },
        h("figcaption", null, t("receipt.picture-how")),
        h("img", { src: address, alt: label }),
    )
}

/** Lays the parts out from the top; answers with the height. */
function lay(pen: CanvasRenderingContext2D, parts: readonly Part[], draw: boolean): number {
    let y = 96
    for (const part of parts) y = layOne(pen, part, y, draw)
    return y + 24
}

function layOne(pen: CanvasRenderingContext2D, part: Part, y: number, draw: boolean): number {
    pen.textBaseline = "top"
    pen.fillStyle = INK
    if (part.kind === "title") return paragraph(pen, part.text, `700 56px ${serif()}`, 74, y, draw) + 20
    if (part.kind === "line") return paragraph(pen, part.text, `34px ${sans()}`, 52, y, draw) + 14
    if (part.kind === "print") return paragraph(pen, part.text, "30px ui-monospace, monospace", 46, y, draw) + 14
    if (part.kind === "words") return words(pen, part.words, part.under, y, draw)
    if (draw) for (const path of part.paths) drawPath(pen, path, y)
    return y + part.height + 32
}

function paragraph(pen: CanvasRenderingContext2D, text: string, font: string, step: number, top: number, draw: boolean): number {
    pen.font = font
    let y = top
    for (const given of text.split("\n")) {
        for (const line of wrap(pen, given, WIDTH - 2 * EDGE)) {
            if (draw) pen.fillText(line, EDGE, y)
            y += step
        }
    }
    return y
}

/** Breaks at spaces, and between any two Chinese characters. */
export function wrap(pen: Pick<CanvasRenderingContext2D, "measureText">, text: string, width: number): string[] {
    const lines: string[] = []
    let line = ""
    for (const piece of text.match(/[\u2e80-\uffef]|[^\s\u2e80-\uffef]+|\s+/g) ?? [""]) {
        if (line !== "" && pen.measureText(line + piece).width > width) {
            lines.push(line.trimEnd())
            line = piece.trimStart()
        } else line += piece
    }
    lines.push(line.trimEnd())
    return lines
}

function words(pen: CanvasRenderingContext2D, list: readonly string[], under: readonly string[], y: number, draw: boolean): number {
    const across = 3
    const cell = (WIDTH - 2 * EDGE) / across
    const tall = under.length ? 190 : 130
    if (draw) {
        list.forEach((word, i) => {
            const x = EDGE + (i % across) * cell
            const top = y + Math.floor(i / across) * tall
            pen.strokeStyle = "#6c7f78"
            pen.lineWidth = 2
            pen.strokeRect(x, top, cell, tall)
            pen.fillStyle = "#394a47"
            pen.font = `28px ${sans()}`
            pen.fillText(String(i + 1), x + 16, top + 14)
            pen.textAlign = "center"
            if (under[i]) pen.fillText(under[i] as string, x + cell / 2, top + 140)
            pen.fillStyle = INK
            pen.font = `700 ${under.length ? 76 : 46}px ${serif()}`
            pen.fillText(word, x + cell / 2, top + (under.length ? 44 : 50))
            pen.textAlign = "start"
        })
    }
    return y + Math.ceil(list.length / across) * tall + 32
}

function drawPath(pen: CanvasRenderingContext2D, path: DrawnPath, top: number): void {
    const [x, y, size] = path.at
    pen.save()
    pen.translate(x, top + y)
    pen.scale(size / path.field, size / path.field)
    const shape = new Path2D(path.d)
    if (path.line === undefined) {
        pen.fillStyle = "#000000"
        pen.fill(shape)
    } else {
        pen.strokeStyle = JADE
        pen.lineWidth = path.line
        pen.lineCap = pen.lineJoin = "round"
        pen.stroke(shape)
    }
    pen.restore()
}
