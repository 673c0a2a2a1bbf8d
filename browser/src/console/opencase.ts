/**
 * Opens one case in memory and holds everything the server says against what was signed and sealed.
 *
 * - the manifest, report and first keys file: core/report.ts `openReport` (PROTOCOLS 2.6)
 * - each change of the panel: signed by somebody who was on the panel before, none of the excluded on it
 * - each message: hash, signature by the roster's key (or the reporter's), numbers without gaps, a known `prev`
 *
 * A mismatch never stops the reading: it is shown, and the panel is told. What can't be opened stays as a row that says so.
 */
import { b64url, parseJson, sha256, text as textOf, unb64url } from "../core/bytes.ts"
import { CoreError } from "../core/errors.ts"
import { openKeys, verifyPanelChange, type CasePurposeKeys } from "../core/keysfile.ts"
import { checkThread, openMessage, REPORTER, type Kind, type MessagePayload, type ReceivedMessage, type ThreadFault } from "../core/message.ts"
import type { Policy } from "../core/receipt.ts"
import { openReport, type OpenedReport } from "../core/report.ts"
import type { Roster } from "../core/roster.ts"
import { hybridRecipient, open } from "../core/sealed.ts"
import type { CaseDetail, InboxCase, MessageRow } from "./types.ts"

export interface Reader {
    readonly org: string
    readonly me: string
    readonly identity: string
    readonly policy: Policy
    /** Oldest first. */
    readonly rosters: readonly Roster[]
}

export interface OpenMessage {
    readonly row: MessageRow
    /** Null where it could not be opened. */
    readonly payload: MessagePayload | null
    readonly faults: readonly ThreadFault["code"][]
}

export interface OpenNote {
    readonly author: string
    readonly at: string
    readonly sha256: string
    readonly text: string | null
}

export interface PanelStep {
    readonly epoch: number
    readonly at: string
    readonly author: string | null
    readonly joined: readonly string[]
    readonly left: readonly string[]
}

export interface OpenCase {
    readonly id: string
    readonly detail: CaseDetail
    readonly opened: OpenedReport
    /** What does not fit: codes of `openReport`, "panel-signature" and "panel-excluded". */
    readonly mismatches: readonly string[]
    /** Newest first; the first one seals. */
    readonly identities: readonly string[]
    readonly caseRecipient: string
    readonly keys: CasePurposeKeys
    readonly panel: readonly string[]
    readonly steps: readonly PanelStep[]
    readonly messages: readonly OpenMessage[]
    readonly notes: readonly OpenNote[]
    readonly confidential: { readonly name: string; readonly contact: string } | null
}

/** Throws CoreError "no-key" where this person's key opens no keys file of the case. */
export async function openCase(detail: CaseDetail, reader: Reader): Promise<OpenCase> {
    const caseId = unb64url(detail.case, 16)
    const epochs = await openEpochs(detail, caseId, reader)
    const newest = epochs[0]
    if (newest === undefined) throw new CoreError("no-key")
    const identities = unique(epochs.flatMap((keys) => [keys.caseIdentity, ...(keys.earlier ?? [])]))
    const opened = await openSealedReport(detail, caseId, identities, reader)
    const keyOf = (author: string): Uint8Array | null => authorKey(author, opened, reader)
    const panel = checkPanel(detail, caseId, opened, reader)
    const rows = detail.messages as unknown as ReceivedMessage[]
    const faults = checkThread(reader.org, caseId, rows, keyOf, seenFiles(detail, opened))
    return {
        id: detail.case,
        detail,
        opened,
        mismatches: unique([...opened.mismatches.map(codeOf), ...panel.mismatches]),
        identities,
        caseRecipient: await hybridRecipient(newest.caseIdentity),
        keys: newest,
        panel: panel.now,
        steps: panel.steps,
        messages: await Promise.all(
            detail.messages.map(async (row, at) => ({
                row,
                payload: await orNull(() => openMessage(reader.org, caseId, unb64url(row.file), identities)),
                faults: faults.filter((fault) => fault.at === at).map((fault) => fault.code),
            })),
        ),
        notes: await openNotes(detail, caseId, reader),
        confidential: await openIdentity(detail, caseId, reader),
    }
}

function codeOf(mismatch: unknown): string {
    return typeof mismatch === "string" ? mismatch : ((mismatch as { code: string }).code ?? "unknown")
}

/** The keys of every epoch that this person can open, newest first. */
async function openEpochs(detail: CaseDetail, caseId: Uint8Array, reader: Reader): Promise<CasePurposeKeys[]> {
    const rows = [...detail.keys].sort((a, b) => b.epoch - a.epoch)
    const opened = await Promise.all(rows.map((row) => orNull(() => openKeys(reader.org, caseId, unb64url(row.file), reader.identity))))
    return opened.filter((keys): keys is CasePurposeKeys => keys !== null)
}

async function openSealedReport(detail: CaseDetail, caseId: Uint8Array, identities: readonly string[], reader: Reader): Promise<OpenedReport> {
    const first = [...detail.keys].sort((a, b) => a.epoch - b.epoch)[0]
    const manifest = unb64url(detail.manifest)
    const receipt = detail.receipts.find((one) => one.type === "report.received")?.receipt
    const roster = reader.rosters.find((one) => namesRoster(manifest, one))
    return openReport({
        org: reader.org,
        caseId,
        manifest,
        signature: unb64url(detail.signature),
        report: unb64url(detail.report),
        keys: unb64url(first?.file ?? ""),
        identities: [reader.identity],
        caseIdentities: identities,
        policy: reader.policy,
        me: reader.me,
        ...(roster === undefined ? {} : { roster }),
        ...(receipt === undefined ? {} : { receipt }),
    })
}

function namesRoster(manifest: Uint8Array, roster: Roster): boolean {
    const { roster: named } = parseJson(manifest) as { roster?: unknown }
    return named === roster.sha256Text
}

/** An author's key: any roster's, since people's keys change and old messages stay; the reporter's own for theirs. */
function authorKey(author: string, opened: OpenedReport, reader: Reader): Uint8Array | null {
    if (author === REPORTER) return unb64url(opened.manifest.case_pub, 32)
    for (const roster of [...reader.rosters].reverse()) {
        const sign = roster.people.find((person) => person.id === author)?.sign
        if (sign) return unb64url(sign, 32)
    }
    return null
}

function seenFiles(detail: CaseDetail, opened: OpenedReport): string[] {
    const keys = detail.keys.map((row) => b64url(sha256(unb64url(row.file))))
    return [opened.manifest.report, opened.manifest.keys, ...keys, ...detail.notes.map((note) => note.sha256)]
}

interface PanelCheck {
    readonly now: readonly string[]
    readonly steps: readonly PanelStep[]
    readonly mismatches: readonly string[]
}

function checkPanel(detail: CaseDetail, caseId: Uint8Array, opened: OpenedReport, reader: Reader): PanelCheck {
    const excluded = new Set(opened.report.excluded)
    const mismatches: string[] = []
    const steps: PanelStep[] = []
    let before: readonly string[] = opened.manifest.panel
    for (const row of [...detail.keys].sort((a, b) => a.epoch - b.epoch)) {
        if (row.panel.some((id) => excluded.has(id))) mismatches.push("panel-excluded")
        if (row.epoch === 0) {
            if (row.panel.join() !== before.join()) mismatches.push("panel-signature")
            continue
        }
        if (!signedBefore(row, before, caseId, opened, reader)) mismatches.push("panel-signature")
        const left = before.filter((id) => !row.panel.includes(id))
        const joined = row.panel.filter((id) => !before.includes(id))
        steps.push({ epoch: row.epoch, at: row.at, author: row.author, joined, left })
        before = row.panel
    }
    return { now: before, steps, mismatches }
}

function signedBefore(
    row: CaseDetail["keys"][number],
    before: readonly string[],
    caseId: Uint8Array,
    opened: OpenedReport,
    reader: Reader,
): boolean {
    if (row.author === null || row.signature === null || !before.includes(row.author)) return false
    const key = authorKey(row.author, opened, reader)
    if (key === null) return false
    const change = { org: reader.org, caseId, panel: row.panel, epoch: row.epoch, keysSha256: sha256(unb64url(row.file)) }
    try {
        verifyPanelChange(change, unb64url(row.signature), key)
        return true
    } catch (error) {
        if (error instanceof CoreError) return false
        throw error
    }
}

async function openNotes(detail: CaseDetail, caseId: Uint8Array, reader: Reader): Promise<OpenNote[]> {
    return Promise.all(
        detail.notes.map(async (note) => {
            const payload = await orNull(() => open("note", reader.org, caseId, unb64url(note.file), reader.identity))
            const text = payload === null ? null : (parseJson(payload) as { text?: unknown }).text
            return { author: note.author, at: note.at, sha256: note.sha256, text: typeof text === "string" ? text : null }
        }),
    )
}

async function openIdentity(detail: CaseDetail, caseId: Uint8Array, reader: Reader): Promise<OpenCase["confidential"]> {
    const file = detail.identity
    if (file === null) return null
    const payload = await orNull(() => open("identity", reader.org, caseId, unb64url(file), reader.identity))
    if (payload === null) return null
    const { name, contact } = JSON.parse(textOf(payload)) as { name?: unknown; contact?: unknown }
    return { name: typeof name === "string" ? name : "", contact: typeof contact === "string" ? contact : "" }
}

/** The title of a case in the inbox: the beginning of what was written. Null where it can't be opened. */
export async function openTitle(row: InboxCase, reader: Reader): Promise<string | null> {
    const caseId = unb64url(row.case, 16)
    return orNull(async () => {
        const keys = await openKeys(reader.org, caseId, unb64url(row.keys_file), reader.identity)
        const identities = [keys.caseIdentity, ...(keys.earlier ?? [])]
        const payload = parseJson(await open("report", reader.org, caseId, unb64url(row.report), identities)) as {
            answers?: { what?: unknown }
        }
        return titleOf(typeof payload.answers?.what === "string" ? payload.answers.what : "")
    })
}

/** The first sentence, or as much of it as a line holds. */
export function titleOf(what: string): string {
    const plain = what.replace(/\s+/g, " ").trim()
    const sentence = /^.+?(?:[.!?](?=\s|$)|[。！？])/u.exec(plain)?.[0] ?? plain
    const letters = Array.from(sentence)
    const wide = /\p{Script=Han}/u.test(sentence)
    const most = wide ? 28 : 70
    if (letters.length <= most) return sentence.replace(/[.。]$/, "")
    const cut = letters.slice(0, most).join("")
    return `${wide ? cut : cut.replace(/\s+\S*$/, "")}…`
}

async function orNull<T>(act: () => Promise<T>): Promise<T | null> {
    try {
        return await act()
    } catch (error) {
        if (error instanceof CoreError) return null
        throw error
    }
}

function unique(items: readonly string[]): string[] {
    return [...new Set(items)]
}

export type { Kind }
