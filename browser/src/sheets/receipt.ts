/**
 * A receipt as a sheet of paper: when, what, who saw it, its fingerprint, its seal, and a QR of origin, index
 * and leaf hash. It shows no word of the report and nothing of the person.
 */
import { b64, hex } from "../core/bytes.ts"
import { clockPlace, count, dayAndTime, h, knows, language, listed, t } from "../ui/index.ts"
import { keepRow } from "./actions.ts"
import type { Part } from "./picture.ts"
import { qrCode, qrModules, qrPath } from "./qr.ts"
import { RING_TICK, ringPath, sealRing } from "./seal.ts"

export interface ReceiptFacts {
    what: "report" | "record" | "message" | "panel"
    organisation: string
    origin: string
    index: number
    leafHash: Uint8Array
    at: Date
    /** How many files the report, record or message lists. */
    files: number
    /** Names of outside witnesses; none: the organisation's own clock only, and the sheet says so. */
    witnesses: readonly string[]
    /** The `.tlog-proof` text. */
    proof: string
}

/** Three lines: origin, index, base64 of the leaf hash. */
export function qrText(facts: Pick<ReceiptFacts, "origin" | "index" | "leafHash">): string {
    return `${facts.origin}\n${facts.index}\n${b64(facts.leafHash)}`
}

/** A neutral file name: it says nothing of what it is about. */
export function receiptName(facts: Pick<ReceiptFacts, "index">): string {
    return `receipt-${facts.index}.tlog-proof`
}

/** The fingerprint in groups of four digits, four pieces of four groups: two stand on a line, or one where it is narrow. */
export function fingerprint(leafHash: Uint8Array): string[] {
    const groups = hex(leafHash).match(/.{4}/g) ?? []
    return [0, 4, 8, 12].map((from) => groups.slice(from, from + 4).join(" "))
}

/** The sheet and, under it, the ways of keeping it. `id` keeps several on one page apart. */
export function receiptSheet(facts: ReceiptFacts, id = "receipt"): HTMLElement {
    const when = whenOf(facts.at)
    const sheet = h(
        "section",
        { class: "sheet receipt", "aria-labelledby": `${id}-title`, "data-testid": "receipt" },
        h(
            "div",
            { class: "receipt-head" },
            h("div", null, h("h2", { id: `${id}-title` }, t("receipt.title")), h("p", null, h("b", null, when))),
            sealRing(facts.leafHash, t("receipt.seal")),
        ),
        h(
            "dl",
            { class: "facts" },
            h("dt", null, t("receipt.what")),
            h("dd", null, whatOf(facts)),
            h("dt", null, t("receipt.seen-by")),
            h("dd", null, seenBy(facts)),
            h("dt", null, t("receipt.fingerprint")),
            h("dd", { class: "print" }, fingerprint(facts.leafHash).map((piece) => [h("span", null, piece), " "])),
        ),
        h(
            "div",
            { class: "receipt-foot" },
            qrCode(qrText(facts), t("receipt.qr")),
            h("p", { class: "small soft" }, t("receipt.check")),
        ),
    )
    const file = { name: receiptName(facts), content: facts.proof, type: "text/plain" }
    const picture = { parts: pictureParts(facts, when), label: t("receipt.picture-label") }
    const keep = keepRow({ name: "receipt", sheet, text: facts.proof, picture, file })
    keep.classList.add("inside")
    sheet.append(keep)
    return sheet
}

function whenOf(at: Date): string {
    const place = clockPlace()
    return place ? t("receipt.when-there", { when: dayAndTime(at), place }) : dayAndTime(at)
}

function whatOf(facts: ReceiptFacts): string {
    const what = facts.files > 0 && knows(`receipt.${facts.what}-files.other`) ? count(`receipt.${facts.what}-files`, facts.files) : t(`receipt.${facts.what}`)
    return what + (language() === "zh" ? "" : " ") + t("receipt.no-words")
}

function seenBy({ organisation, index, witnesses }: ReceiptFacts): string {
    const entry = index.toLocaleString(language() === "zh" ? "zh-CN" : "en-GB")
    if (witnesses.length === 0) return t("receipt.log-alone", { organisation, entry })
    return t("receipt.log-witnessed", { organisation, entry, witnesses: listed(witnesses) })
}

function pictureParts(facts: ReceiptFacts, when: string): Part[] {
    const modules = qrModules(qrText(facts))
    const pieces = fingerprint(facts.leafHash)
    return [
        { kind: "title", text: t("receipt.title") },
        { kind: "line", text: when },
        { kind: "line", text: whatOf(facts) },
        { kind: "line", text: seenBy(facts) },
        { kind: "print", text: [pieces.slice(0, 2), pieces.slice(2)].map((two) => two.join(" ")).join("\n") },
        {
            kind: "paths",
            width: 936,
            height: 420,
            paths: [
                { d: ringPath(facts.leafHash), field: 100, at: [72, 0, 400], line: 1.9 },
                { d: RING_TICK, field: 100, at: [72, 0, 400], line: 3.6 },
                { d: qrPath(modules), field: modules.length, at: [608, 20, 380] },
            ],
        },
        { kind: "line", text: t("receipt.check") },
    ]
}
