/**
 * Reads what a recipient of GlobaLeaks 5 takes out of it (looked up in its source at 5.0.84):
 *
 * - "report-<n>.zip": report.txt or report.pdf, files/…, files_attached_from_recipients/…, metadata.csv
 * - the JSON of a report, decrypted, as its recipient interface gets it (api/recipient/rtips/<id>): one, or a list
 *
 * A JSON and a ZIP of one number are one case: its words from the JSON, its files from the ZIP.
 */
import { CoreError } from "../../core/errors.ts"
import { decodeText } from "./csv.ts"
import type { Fault, Found } from "./found.ts"
import { readZip, type ZipEntry } from "./zip.ts"

type Loose = { readonly [name: string]: unknown }
const object = (value: unknown): Loose => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Loose) : {})
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const text = (value: unknown): string => (typeof value === "string" ? value.trim() : typeof value === "number" ? String(value) : "")

/** Rejects never; what is no report of GlobaLeaks is a fault. */
export function casesOfJson(name: string, bytes: Uint8Array): { found: Found[]; faults: Fault[] } {
    let parsed: unknown
    try {
        parsed = JSON.parse(decodeText(bytes))
    } catch {
        return { found: [], faults: [{ file: name, line: null, code: "bad-json" }] }
    }
    const found: Found[] = []
    const faults: Fault[] = []
    for (const one of Array.isArray(parsed) ? parsed : [parsed]) {
        const tip = object(one)
        const made = Array.isArray(tip["questionnaires"]) ? caseOfTip(name, tip) : null
        if (made === null) faults.push({ file: name, line: null, code: "no-report", detail: text(tip["progressive"]) })
        else found.push(made)
    }
    return { found, faults }
}

function caseOfTip(name: string, tip: Loose): Found | null {
    const fields = [...list(tip["questionnaires"]).flatMap((one) => answersOf(object(one))), ...commentsOf(tip)]
    // What was told at most length is what happened; GlobaLeaks' questions are each operator's own.
    const answers = fields.filter(({ label }) => !label.startsWith(COMMENT))
    const longest = answers.reduce<(typeof fields)[number] | null>((most, one) => (most === null || one.text.length > most.text.length ? one : most), null)
    if (longest === null) return null
    return {
        source: "globaleaks",
        file: name,
        line: null,
        reference: text(tip["progressive"]) || text(tip["id"]),
        stated: { received: text(tip["creation_date"]), changed: text(tip["update_date"]), status: text(tip["status"]) },
        what: longest.text,
        fields: fields.filter((one) => one !== longest),
        files: [],
    }
}

const COMMENT = "GlobaLeaks: "

function commentsOf(tip: Loose): { label: string; text: string }[] {
    return list(tip["comments"]).map(object).flatMap((comment) => {
        const said = text(comment["content"])
        const who = comment["author_id"] ? "recipient" : "reporter"
        return said === "" ? [] : [{ label: `${COMMENT}${who}, ${text(comment["creation_date"])}`, text: said }]
    })
}

function answersOf(questionnaire: Loose): { label: string; text: string }[] {
    const answers = object(questionnaire["answers"])
    const steps = list(questionnaire["steps"]).map(object).sort((a, b) => Number(a["order"] ?? 0) - Number(b["order"] ?? 0))
    return steps.flatMap((step) => fieldsOf(list(step["children"]), answers))
}

function fieldsOf(children: readonly unknown[], answers: Loose): { label: string; text: string }[] {
    const fields = children.map(object).sort((a, b) => Number(a["y"] ?? 0) - Number(b["y"] ?? 0) || Number(a["x"] ?? 0) - Number(b["x"] ?? 0))
    return fields.flatMap((field) => {
        const entries = list(answers[text(field["id"])]).map(object)
        if (field["type"] === "fieldgroup") return entries.flatMap((entry) => fieldsOf(list(field["children"]), entry))
        const given = entries.map((entry) => answerOf(field, entry)).filter((one) => one !== "")
        return given.length === 0 ? [] : [{ label: text(field["label"]), text: given.join("\n") }]
    })
}

function answerOf(field: Loose, entry: Loose): string {
    const options = list(field["options"]).map(object)
    switch (field["type"]) {
        case "checkbox":
            return options.filter((option) => entry[text(option["id"])] === true || entry[text(option["id"])] === "True").map((option) => text(option["label"])).join("\n")
        case "selectbox":
        case "multichoice":
            return text(options.find((option) => option["id"] === entry["value"])?.["label"])
        case "tos":
            return entry["value"] === true ? "✓" : ""
        case "daterange":
            return text(entry["value"]).split(":").map((one) => (Number.isFinite(Number(one)) ? dayOf(Number(one)) : one)).join(" – ")
        default:
            return text(entry["value"])
    }
}

function dayOf(milliseconds: number): string {
    const at = new Date(milliseconds)
    return Number.isNaN(at.getTime()) ? String(milliseconds) : at.toISOString().slice(0, 10)
}

const INSIDE = /^(?:files|files_attached_from_recipients)\/(.+)$/

/** `pdfText`: what stands written in a PDF, "" where nothing does. Rejects never. */
export async function caseOfZip(name: string, bytes: Uint8Array, pdfText: (pdf: Uint8Array) => Promise<string>): Promise<{ found: Found[]; faults: Fault[] }> {
    try {
        const entries = readZip(bytes)
        const report = entries.find((entry) => entry.name === "report.txt") ?? entries.find((entry) => entry.name === "report.pdf")
        if (report === undefined) return { found: [], faults: [{ file: name, line: null, code: "no-report" }] }
        const inside = await report.bytes()
        const isPdf = report.name.endsWith(".pdf")
        const what = isPdf ? await pdfText(inside) : decodeText(inside).replace(/\r\n/g, "\n").trim()
        const attached = await Promise.all(entries.flatMap((entry) => filesIn(entry)))
        const files = isPdf ? [{ name: "report.pdf", type: "application/pdf", blob: new Blob([inside as BlobPart], { type: "application/pdf" }) }, ...attached] : attached
        const reference = /report-(\d+)/.exec(name)?.[1] ?? ""
        return {
            found: [{ source: "globaleaks", file: name, line: null, reference, stated: { received: "", changed: "", status: "" }, what, fields: [], files }],
            faults: [],
        }
    } catch (error) {
        if (!(error instanceof CoreError)) throw error
        return { found: [], faults: [{ file: name, line: null, code: "bad-zip" }] }
    }
}

function filesIn(entry: ZipEntry): Promise<Found["files"][number]>[] {
    const name = INSIDE.exec(entry.name)?.[1]?.split("/").pop()
    if (name === undefined) return []
    return [entry.bytes().then((bytes) => ({ name, type: "application/octet-stream", blob: new Blob([bytes as BlobPart]) }))]
}

/** A JSON and a ZIP with one number become one case. */
export function joined(found: readonly Found[]): Found[] {
    const out: Found[] = []
    for (const one of found) {
        const at = one.source === "globaleaks" && one.reference !== "" ? out.findIndex((other) => other.source === "globaleaks" && other.reference === one.reference && isZip(other) !== isZip(one)) : -1
        const other = out[at]
        if (other === undefined) out.push(one)
        else {
            const [words, archive] = isZip(one) ? [other, one] : [one, other]
            out[at] = { ...words, files: archive.files }
        }
    }
    return out
}

function isZip({ file }: Found): boolean {
    return /\.zip$/i.test(file)
}
