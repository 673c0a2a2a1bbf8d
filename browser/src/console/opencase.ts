/**
 * Opens one case in memory and holds everything the server says against what was signed and sealed.
 *
 * - the manifest, report and first keys file: core/report.ts `openReport` (PROTOCOLS 2.6)
 * - each change of the panel: by somebody who was on the panel before
 * - each message: hash, signature by the roster's key (or the reporter's), numbers without gaps, a known `prev`
 *
 * A mismatch never stops the reading: it is shown, and the panel is told. What can't be opened stays as a row that says so.
 */
import { b64url, parseJson, sha256, unb64url } from "../core/bytes.ts"
import { CoreError } from "../core/errors.ts"
import { openKeys, type CasePurposeKeys } from "../core/keysfile.ts"
import { checkThread, openMessage, REPORTER, type MessagePayload, type ReceivedMessage, type ThreadFault } from "../core/message.ts"
import type { Policy } from "../core/receipt.ts"
import { openIdentity, openReport, signKeysOf, type OpenedReport, type SealedCase } from "../core/report.ts"
import type { Roster } from "../core/roster.ts"
import { open } from "../core/sealed.ts"
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
    /** What does not fit: codes of `openReport`, and "panel-author". */
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

/** Throws CannotOpen or Malformed where this person's key opens nothing of the case. */
export async function openCase(detail: CaseDetail, reader: Reader): Promise<OpenCase> {
    const caseId = unb64url(detail.case, 16)
    const opened = await openReport(sealedCase(detail, caseId, reader), reader.identity)
    const { caseIdentities: identities } = opened
    const keys = opened.caseKeys[opened.caseKeys.length - 1] as CasePurposeKeys
    const panel = panelSteps(detail, opened)
    const keyOf = (author: string): Uint8Array | null => authorKey(author, opened, reader)
    const faults = checkThread(reader.org, caseId, detail.messages as unknown as ReceivedMessage[], keyOf, seenFiles(detail, opened))
    return {
        id: detail.case,
        detail,
        opened,
        mismatches: unique([...opened.mismatches.map(({ code }) => code), ...panel.mismatches]),
        identities,
        caseRecipient: opened.caseRecipient,
        keys,
        panel: opened.panel,
        steps: panel.steps,
        messages: await Promise.all(
            detail.messages.map(async (row, at) => ({
                row,
                payload: await orNull(() => openMessage({ org: reader.org, caseId, caseIdentity: identities, file: unb64url(row.file) })),
                faults: faults.filter((fault) => fault.at === at).map((fault) => fault.code),
            })),
        ),
        notes: await openNotes(detail, caseId, reader),
        confidential: await openName(detail, caseId, reader),
    }
}

function sealedCase(detail: CaseDetail, caseId: Uint8Array, reader: Reader): SealedCase {
    const receipt = detail.receipts.find((one) => one.type === "report.received")?.receipt
    return {
        org: reader.org,
        caseId,
        manifest: unb64url(detail.manifest),
        signature: unb64url(detail.signature),
        report: unb64url(detail.report),
        keys: detail.keys.map((row) => ({
            epoch: row.epoch,
            panel: row.panel,
            file: unb64url(row.file),
            author: row.author,
            signature: row.signature === null ? null : unb64url(row.signature),
        })),
        // Others than external members do not get the identity file, so its absence says nothing.
        ...(detail.identity === null ? {} : { identity: unb64url(detail.identity) }),
        rosters: reader.rosters,
        policy: reader.policy,
        ...(receipt === undefined ? {} : { receipt }),
    }
}

/** An author's key: the newest of theirs that a roster had; the reporter's own for theirs. */
function authorKey(author: string, opened: OpenedReport, reader: Reader): Uint8Array | null {
    if (author === REPORTER) return unb64url(opened.manifest.case_pub, 32)
    const keys = signKeysOf(reader.rosters, author)
    return keys[keys.length - 1] ?? null
}

function seenFiles(detail: CaseDetail, opened: OpenedReport): string[] {
    const keys = detail.keys.map((row) => b64url(sha256(unb64url(row.file))))
    return [opened.manifest.report, opened.manifest.keys, ...keys, ...detail.notes.map((note) => note.sha256)]
}

/** Who came and went, and whether each change was signed by somebody who was on the panel before it. */
function panelSteps(detail: CaseDetail, opened: OpenedReport) {
    const mismatches: string[] = []
    const steps: PanelStep[] = []
    let before: readonly string[] = opened.manifest.panel
    for (const row of [...detail.keys].sort((a, b) => a.epoch - b.epoch)) {
        const allowed = row.epoch === 0 ? row.panel.join() === before.join() : row.author !== null && before.includes(row.author)
        if (!allowed) mismatches.push("panel-author")
        const left = before.filter((id) => !row.panel.includes(id))
        const joined = row.panel.filter((id) => !before.includes(id))
        if (row.epoch > 0) steps.push({ epoch: row.epoch, at: row.at, author: row.author, joined, left })
        if (allowed) before = row.panel
    }
    return { steps, mismatches }
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

async function openName(detail: CaseDetail, caseId: Uint8Array, reader: Reader): Promise<OpenCase["confidential"]> {
    const file = detail.identity
    return file === null ? null : orNull(() => openIdentity(reader.org, caseId, unb64url(file), reader.identity))
}

/** The title of a case in the inbox: the beginning of what was written. Null where it can't be opened. */
export async function openTitle(row: InboxCase, reader: Reader): Promise<string | null> {
    const caseId = unb64url(row.case, 16)
    return orNull(async () => {
        const keys = await openKeys(reader.org, caseId, unb64url(row.keys_file), reader.identity)
        const identities = [keys.caseIdentity, ...keys.earlier]
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
    return `${(wide ? cut : cut.replace(/\s+\S*$/, "")).replace(/[“‘（(《，、,;；：:\s]+$/u, "")}…`
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
