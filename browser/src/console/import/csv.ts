/** Reads CSV (RFC 4180, with comma, semicolon or tab) and makes cases of its rows. Every fault names its line. */
import { Malformed } from "../../core/errors.ts"
import type { Found, Fault } from "./found.ts"

export interface Row {
    /** Of its first character; the first line of the file is 1. */
    readonly line: number
    readonly cells: readonly string[]
}

/** Throws Malformed "bad-csv" with the line in `detail` for a quote that never ends. */
export function parseCsv(text: string): { rows: Row[]; unclosed: number | null } {
    const separator = separatorOf(text)
    const rows: Row[] = []
    let [line, began, cell, quoted, cells] = [1, 1, "", false, [] as string[]]
    let opened: number | null = null
    const endRow = (): void => {
        cells.push(cell)
        if (cells.length > 1 || cells[0] !== "") rows.push({ line: began, cells })
        ;[cell, cells, began] = ["", [], line]
    }
    for (let i = 0; i < text.length; i++) {
        const c = text.charAt(i)
        if (c === "\n") line += 1
        if (quoted) {
            if (c !== '"') cell += c
            else if (text.charAt(i + 1) === '"') cell += text.charAt(++i)
            else quoted = false
        } else if (c === '"' && cell === "") {
            quoted = true
            opened = line
        } else if (c === separator) {
            cells.push(cell)
            cell = ""
        } else if (c === "\n") endRow()
        else if (c !== "\r") cell += c
    }
    if (cell !== "" || cells.length > 0) endRow()
    return { rows, unclosed: quoted ? opened : null }
}

function separatorOf(text: string): string {
    const head = text.split("\n", 1)[0] ?? ""
    const count = (c: string): number => head.split(c).length
    return [",", ";", "\t"].sort((a, b) => count(b) - count(a))[0] as string
}

/** UTF-8 with or without a mark, or UTF-16 with one. Throws Malformed "bad-encoding". */
export function decodeText(bytes: Uint8Array): string {
    const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "utf-8"
    try {
        return new TextDecoder(encoding, { fatal: true }).decode(bytes)
    } catch {
        throw new Malformed("bad-encoding")
    }
}

const COLUMNS = {
    what: ["what", "report", "description", "text", "what happened", "内容", "报告", "描述", "发生了什么"],
    reference: ["reference", "number", "id", "case", "编号", "案号", "序号"],
    received: ["received", "date", "opened", "submitted", "created", "收到日期", "日期", "提交日期"],
    changed: ["changed", "updated", "last change", "更新日期", "最后更新"],
    status: ["status", "state", "状态"],
    files: ["files", "attachments", "附件", "文件"],
} as const
type Column = keyof typeof COLUMNS

function columnOf(header: string): Column | null {
    const plain = header.trim().toLowerCase()
    const found = (Object.keys(COLUMNS) as Column[]).find((name) => (COLUMNS[name] as readonly string[]).includes(plain))
    return found ?? null
}

/** `files`: what was chosen beside the CSV, by name, for its column of files. */
export function casesOfCsv(name: string, bytes: Uint8Array, files: ReadonlyMap<string, Blob>): { found: Found[]; faults: Fault[] } {
    let text: string
    try {
        text = decodeText(bytes)
    } catch (error) {
        if (!(error instanceof Malformed)) throw error
        return { found: [], faults: [{ file: name, line: null, code: "bad-encoding" }] }
    }
    const { rows, unclosed } = parseCsv(text)
    if (unclosed !== null) return { found: [], faults: [{ file: name, line: unclosed, code: "open-quote" }] }
    const [head, ...rest] = rows
    const columns = head?.cells.map(columnOf) ?? []
    if (head === undefined || !columns.includes("what")) return { found: [], faults: [{ file: name, line: 1, code: "no-text-column" }] }
    const found: Found[] = []
    const faults: Fault[] = []
    for (const row of rest) {
        const code = faultOf(row, head, columns, files)
        if (code !== null) faults.push({ file: name, line: row.line, ...code })
        else found.push(caseOf(name, row, head, columns, files))
    }
    return { found, faults }
}

function cellOf(row: Row, columns: readonly (Column | null)[], wanted: Column): string {
    const at = columns.indexOf(wanted)
    return at < 0 ? "" : (row.cells[at] ?? "").trim()
}

function listed(row: Row, columns: readonly (Column | null)[]): string[] {
    return cellOf(row, columns, "files").split(/[;；|]/).map((one) => one.trim()).filter((one) => one !== "")
}

function faultOf(row: Row, head: Row, columns: readonly (Column | null)[], files: ReadonlyMap<string, Blob>): Pick<Fault, "code" | "detail"> | null {
    if (row.cells.length > head.cells.length) return { code: "too-many-cells" }
    if (cellOf(row, columns, "what") === "") return { code: "no-text" }
    const missing = listed(row, columns).find((one) => !files.has(one))
    return missing === undefined ? null : { code: "no-file", detail: missing }
}

function caseOf(name: string, row: Row, head: Row, columns: readonly (Column | null)[], files: ReadonlyMap<string, Blob>): Found {
    const fields = head.cells.flatMap((label, i) => {
        const text = (row.cells[i] ?? "").trim()
        return columns[i] !== null || text === "" ? [] : [{ label: label.trim(), text }]
    })
    return {
        source: "csv",
        file: name,
        line: row.line,
        reference: cellOf(row, columns, "reference"),
        stated: { received: cellOf(row, columns, "received"), changed: cellOf(row, columns, "changed"), status: cellOf(row, columns, "status") },
        what: cellOf(row, columns, "what"),
        fields,
        files: listed(row, columns).map((one) => ({ name: one, type: files.get(one)?.type ?? "", blob: files.get(one) as Blob })),
    }
}
