/**
 * Opens a sealed file that a reporter handed over when the server did not take her report: with the same checks as a case
 * that came in, and with a button that sends it in as she sealed it, so that its promises and its log entry begin.
 */
import { b64url, parseJson, sha256, unb64url } from "../core/bytes.ts"
import { CoreError } from "../core/errors.ts"
import { parseManifest } from "../core/manifest.ts"
import type { Submission, SubmissionBody } from "../core/report.ts"
import { ApiError, NoConnection } from "../net/api.ts"
import { ReporterApi } from "../net/reporter.ts"
import type { Desk, View } from "./desk.ts"
import { fill, h, icon } from "./dom.ts"
import { openCase, type OpenCase } from "./opencase.ts"
import { busy, button, field, heading, Status } from "./parts.ts"
import { reader } from "./reader.ts"
import type { CaseDetail } from "./types.ts"
import { unlockBox } from "./unlock.ts"
import { mismatchAlarm, reportItem, urgency } from "./view-case.ts"
import { count, t } from "./words.ts"

/** The largest sealed report is 1 MiB; base64url, keys and identity come on top. */
const LARGEST = 4 * 1024 * 1024

export interface SealedParcel {
    readonly case: string
    readonly org: string
    readonly body: SubmissionBody
}

/** What the reporter's page saved or copied as `sealed.json`. Throws CoreError "not-a-sealed-file". */
export function parseParcel(text: string): SealedParcel {
    try {
        if (text.length > LARGEST) throw new CoreError("not-a-sealed-file")
        const value = parseJson(new TextEncoder().encode(text)) as Record<string, unknown> | null
        if (value === null || typeof value !== "object") throw new CoreError("not-a-sealed-file")
        const string = (name: string): string => {
            const found = value[name]
            if (typeof found !== "string") throw new CoreError("not-a-sealed-file")
            return found
        }
        if (value["v"] !== 1) throw new CoreError("not-a-sealed-file")
        unb64url(string("case"), 16)
        const identity = value["identity"] === null || value["identity"] === undefined ? null : string("identity")
        const [manifest, signature, event_key, report, keys] = ["manifest", "signature", "event_key", "report", "keys"].map(string) as [string, string, string, string, string]
        return { case: string("case"), org: string("org"), body: { manifest, signature, event_key, report, keys, identity } }
    } catch (error) {
        if (error instanceof CoreError) throw new CoreError("not-a-sealed-file")
        throw error
    }
}

/** The parcel as the server would show it, had it come in: no messages, no promises, no receipt. */
export function detailOf(parcel: SealedParcel, at: string): CaseDetail {
    const { manifest, signature, report, keys, identity } = parcel.body
    const { panel } = parseManifest(unb64url(manifest))
    return {
        case: parcel.case, manifest, signature, report, identity, received: at, closed: false, leaving: [], server_time: at,
        keys: [{ epoch: 0, panel, file: keys, author: null, signature: null, receipt: null, at }],
        promises: [], attachments: [], messages: [], receipts: [], events: [], notes: [], flags: [],
    }
}

export function sealedFileView(desk: Desk): View {
    const title = t("console.sealed.title")
    const step = h("div", { class: "step" }, h("a", { href: "#inbox" }, icon("back"), t("console.inbox.title")))
    if (!desk.session.isOpen) return { title, element: h("div", { class: "flow" }, step, heading(title), unlockBox(desk)) }
    const shown = h("div", { class: "flow", "data-testid": "sealed-shown" })
    const status = new Status()
    const area = h("textarea", { id: "sealed-text", "data-testid": "sealed-text", autocomplete: "off", spellcheck: "false", rows: "3" }) as HTMLTextAreaElement
    const input = h("input", { type: "file", id: "sealed-file", "data-testid": "sealed-file", accept: ".json,.txt,application/json,text/plain" }) as HTMLInputElement
    const show = async (text: string): Promise<void> => {
        fill(shown)
        const parcel = parseParcel(text)
        if (parcel.org !== desk.facts.org) throw new CoreError("other-organisation")
        fill(shown, ...parcelParts(desk, parcel, await opened(desk, parcel)))
        shown.querySelector("h2")?.focus()
    }
    const press: HTMLButtonElement = button(t("console.sealed.open"), () => void busy(press, status, t("console.case.opening"), () => show(area.value)), { id: "sealed-open", main: true, icon: "open" })
    input.addEventListener("change", () => {
        const file = input.files?.[0]
        if (file) void busy(press, status, t("console.case.opening"), async () => {
            if (file.size > LARGEST) throw new CoreError("not-a-sealed-file")
            await show(await file.text())
        })
    })
    const element = h("div", { class: "flow" },
        step, heading(title), h("p", { class: "lead" }, t("console.sealed.lead")),
        field(t("console.sealed.file"), input), field(t("console.sealed.text"), area, t("console.sealed.text-hint")),
        h("div", { class: "act" }, press), status.element, shown)
    return { title, element, stop: () => element.replaceChildren() }
}

async function opened(desk: Desk, parcel: SealedParcel): Promise<OpenCase> {
    try {
        const open = await openCase(detailOf(parcel, new Date().toISOString()), reader(desk))
        // Nobody received it yet: the day that it shows is the one the reporter sealed into it.
        return { ...open, detail: { ...open.detail, received: open.opened.report.created } }
    } catch (error) {
        if (error instanceof CoreError) throw new CoreError("sealed-to-others")
        throw error
    }
}

function parcelParts(desk: Desk, parcel: SealedParcel, open: OpenCase): HTMLElement[] {
    const { manifest } = open.opened
    const files = manifest.attachments.length
    const status = new Status()
    const send: HTMLButtonElement = button(t("console.sealed.send"), () => void busy(send, status, t("console.sealed.sending"), () => sendIn(desk, parcel)), { id: "sealed-send", main: true })
    const codes = [...new Set(open.mismatches)].filter((code) => code !== "old-roster")
    return [
        mismatchAlarm(codes), urgency(manifest.urgency),
        h("h2", { tabindex: "-1" }, t("console.sealed.inside")),
        h("ol", { class: "thread" }, reportItem(desk, open)),
        files > 0 ? h("p", { class: "read" }, count("console.sealed.files", files)) : null,
        h("section", { class: "sheet flow read" },
            h("h2", null, t("console.sealed.send-title")), h("p", null, t("console.sealed.send-text")),
            h("div", { class: "act" }, send), status.element,
            h("p", { class: "small soft print" }, b64url(sha256(unb64url(parcel.body.manifest))))),
    ].filter((part): part is HTMLElement => part !== null)
}

/** As she would have sent it: the same bytes, on the public way, with the same work. The same parcel twice is one case. */
async function sendIn(desk: Desk, parcel: SealedParcel): Promise<void> {
    const server = new ReporterApi(parcel.org)
    try {
        await server.putCase(parcel.case, { body: parcel.body } as Submission, await server.work())
    } catch (error) {
        if (error instanceof NoConnection) throw new CoreError("no-answer")
        if (error instanceof ApiError && ["stale-roster", "not-in-roster"].includes(error.code)) throw new CoreError("sealed-stale")
        throw error
    }
    desk.say(t("console.sealed.sent"))
    desk.go({ view: "case", id: parcel.case })
}
