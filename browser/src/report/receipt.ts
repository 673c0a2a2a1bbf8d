/** The receipt, what will happen by when, and the files that are still on their way. */
import { parseTime } from "../core/bytes.ts"
import { calendarFile } from "../core/ics.ts"
import type { CheckedReceipt } from "../core/report.ts"
import { FileError } from "../files/errors.ts"
import { uploadAll } from "../files/upload.ts"
import { download } from "../sheets/keep.ts"
import { promiseList, type PromiseFacts } from "../sheets/promises.ts"
import { receiptSheet } from "../sheets/receipt.ts"
import { count, forgetOnLeaving, h, icon, language, linkTo, note, said, t, type Child } from "../ui/index.ts"
import { sizeText } from "../files/picker.ts"
import type { Desk } from "./desk.ts"
import type { Step } from "./flow.ts"
import { holdPage, type Sent } from "./sending.ts"
import { caseShelf } from "../files/shelf.ts"
import type { PromiseText } from "../net/reporter.ts"

export interface Outcome extends Sent {
    readonly checked: CheckedReceipt
    /** Titles and texts of the promises, from the server's draft; ids and dates from the receipt. */
    readonly known: readonly PromiseText[]
}

export function receiptStep(desk: Desk, outcome: () => Outcome): Step {
    const report = desk.draft.kind === "report"
    let uploads: HTMLElement | null = null
    return {
        name: "receipt",
        number: report ? 7 : 5,
        render: (walk) => {
            const got = outcome()
            uploads ??= got.parcel.attachments.length ? startUploads(desk, got) : null
            return [
                walk.line(),
                h("div", { class: "split" },
                    h("div", { class: "flow" },
                        h("h1", null, h("b", null, t(report ? "report.receipt.h1a" : "report.receipt.record-h1")), report && [language() === "zh" ? "" : " ", h("b", null, t("report.receipt.h1b"))]),
                        h("p", { class: "lead" }, report ? count("report.receipt.lead", desk.draft.panel.length) : t("report.receipt.record-lead")),
                        uploads, faults(got), sheet(desk, got),
                    ),
                    report ? promised(got) : h("aside", { class: "notes" }, note(t("report.receipt.record-note"), h("p", null, t("report.receipt.record-note-text")))),
                ),
            ]
        },
    }
}

/** The sheet, or the receipt's own text: she must have it even where this browser fails to draw it. */
function sheet(desk: Desk, { accepted, checked, parcel }: Outcome): HTMLElement {
    const { receipt } = checked
    try {
        if (receipt) {
            return receiptSheet({
                what: parcel.kind === "cases" ? "report" : "record",
                organisation: said(desk.organisation.name),
                origin: desk.organisation.origin,
                index: receipt.index,
                leafHash: receipt.leafHash,
                at: parseTime(checked.received ?? accepted.received),
                files: parcel.attachments.length,
                witnesses: receipt.cosignatures.map(({ witness }) => witness),
                proof: accepted.receipt,
            })
        }
    } catch {
        // Below is all that a verifier needs.
    }
    return h("section", { class: "sheet" }, h("p", { class: "print", "data-testid": "receipt-raw" }, accepted.receipt))
}

function faults({ checked }: Outcome): Child {
    const real = checked.mismatches
    if (!real.length) return null
    const clockOnly = real.every(({ code }) => code === "clock")
    return h("section", { class: "errors flow", role: "alert", "data-testid": "receipt-faults", "data-codes": real.map(({ code }) => code).join(" ") },
        h("h2", null, t(clockOnly ? "report.receipt.clock" : "report.receipt.fault")), h("p", null, t(clockOnly ? "report.receipt.clock-text" : "report.receipt.fault-text")),
        !clockOnly && h("p", null, h("a", { href: "other-ways", target: "_blank", rel: "noopener" }, t("common.foot.other"))))
}

function promised(got: Outcome): HTMLElement {
    const received = parseTime(got.checked.received ?? got.accepted.received)
    const dues = got.checked.promises.length ? got.checked.promises : (got.accepted.promises ?? [])
    const promises: PromiseFacts[] = dues.map(({ id, due }) => {
        const known = got.known.find((one) => one.id === id)
        return { id, due: parseTime(due), title: known ? said(known.title) : id, text: known ? said(known.text) : null, law: known?.law ?? null, note: known?.note ? said(known.note) : null, state: "due" }
    })
    const calendar = (): void => download("dates.ics", calendarFile(promises.map(({ due }) => ({ at: due, title: t("report.receipt.calendar-title") })), new Date()), "text/calendar")
    return h("section", { class: "flow", "aria-labelledby": "by-when" },
        h("h2", { id: "by-when" }, t("report.receipt.by-when")), promiseList(promises, { received, now: new Date() }),
        h("div", { class: "act" }, h("button", { class: "btn", type: "button", id: "calendar", "data-testid": "calendar", onclick: calendar }, icon("calendar"), t("report.receipt.calendar"))),
        h("p", { class: "small soft" }, t("report.receipt.calendar-hint", { title: t("report.receipt.calendar-title") })),
        note(t("start.count.missed"), h("p", null, t("report.receipt.missed-text"))),
        h("p", null, h("a", { href: linkTo("return"), id: "to-mailbox", "data-testid": "to-mailbox" }, t("report.receipt.mailbox"))))
}

/** Sends the files after the receipt; a lost line is waited out, a refused file is said and can be added again later. */
function startUploads(desk: Desk, { parcel }: Outcome): HTMLElement {
    const all = parcel.attachments.reduce((sum, { sealed }) => sum + sealed.size, 0)
    const bar = h("progress", { max: String(all), value: "0", "aria-label": t("report.uploads.bar") })
    const line = h("p", { role: "status", "aria-live": "polite", "data-testid": "upload-status" }, t("report.uploads.running", { sent: sizeText(0), size: sizeText(all) }))
    const title = h("h2", null, t("report.uploads.h2"))
    const box = h("section", { class: "sheet flow", "data-testid": "uploads", "data-state": "running" }, title, bar, line)
    const stop = new AbortController()
    forgetOnLeaving(() => stop.abort())
    const release = holdPage()
    let lastSaid = 0
    const end = (state: "done" | "failed", text: string): void => {
        release()
        box.dataset.state = state
        bar.hidden = state === "done"
        title.textContent = t(state === "done" ? "report.uploads.done-h2" : "report.uploads.failed-h2")
        line.textContent = text
    }
    uploadAll(parcel.attachments.map(({ sealed }) => sealed), caseShelf(desk.organisation.org, parcel.kind, parcel.mine.keys.idText), {
        signal: stop.signal,
        onProgress: ({ allSent, allSize }) => {
            bar.value = allSent
            // Screen readers hear it now and then, not at every piece.
            if (Date.now() - lastSaid > 4000 || allSent === allSize) line.textContent = t("report.uploads.running", { sent: sizeText(allSent), size: sizeText(allSize) })
            if (Date.now() - lastSaid > 4000) lastSaid = Date.now()
        },
        onWaiting: (seconds) => void (line.textContent = seconds === null ? t("report.uploads.again") : t("report.uploads.waiting")),
    }).then(
        () => end("done", count("report.uploads.done", parcel.attachments.length)),
        (error: unknown) => {
            if (error instanceof FileError && error.code === "stopped") return
            end("failed", t("report.uploads.failed"))
        },
    )
    return box
}
