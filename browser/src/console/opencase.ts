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

/** The panel without those whose seats wait for a handover: whom anything new of the panel's own is sealed to. */
export function readersOf(open: Pick<OpenCase, "panel" | "detail">): string[] {
    const leaving = new Set(open.detail.leaving.map(({ person }) => person))
    return open.panel.filter((id) => !leaving.has(id))
}

/** Throws CannotOpen or Malformed where this person's key opens nothing of the case. */
export async function openCase(detail: CaseDetail, reader: Reader): Promise<OpenCase> {
    const caseId = unb64url(detail.case, 16)
    const opened = await openReport(sealedCase(detail, caseId, reader), reader.identity)
    const { caseIdentities: identities } = opened
    const keys = opened.caseKeys[opened.caseKeys.length - 1] as CasePurposeKeys
    const panel = panelSteps(detail, opened)
    const faults = threadFaults(detail, opened, reader, panel.panels)
    const past = await sealedPast(detail, opened, reader)
    return {
        id: detail.case,
        detail,
        opened,
        mismatches: unique([...opened.mismatches.map(({ code }) => code), ...panel.mismatches, ...past]),
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

/**
 * What is wrong with the thread. A handler may have had several keys: a message stands if one of them signed it. And it
 * stands only if its author was on the panel that read the case when it came.
 */
function threadFaults(detail: CaseDetail, opened: OpenedReport, reader: Reader, panels: readonly PanelSince[]): ThreadFault[] {
    const caseId = unb64url(detail.case, 16)
    const messages = detail.messages as unknown as ReceivedMessage[]
    const seen = seenFiles(detail, opened)
    const most = Math.max(1, ...detail.messages.map(({ author }) => signKeysOf(reader.rosters, author).length))
    const runs = Array.from({ length: most }, (_, back) =>
        checkThread(reader.org, caseId, messages, (author) => authorKey(author, opened, reader, back), seen),
    )
    return detail.messages.flatMap((row, at) => {
        if (row.author !== REPORTER && !wasOnPanel(row, panels)) return [{ at, code: "unknown-author" as const }]
        const each = runs.map((run) => run.filter((fault) => fault.at === at))
        return each.sort((a, b) => a.length - b.length)[0] ?? []
    })
}

/** An author's key, the newest for `back` 0, or the oldest where there are not so many; the reporter's own for theirs. */
function authorKey(author: string, opened: OpenedReport, reader: Reader, back: number): Uint8Array | null {
    if (author === REPORTER) return unb64url(opened.manifest.case_pub, 32)
    const keys = signKeysOf(reader.rosters, author)
    return keys[Math.max(0, keys.length - 1 - back)] ?? null
}

interface PanelSince {
    readonly panel: readonly string[]
    /** RFC 3339; a report's own is told by the hour, so it counts from the beginning. */
    readonly at: string
}

/** Both panels count in the second of a change. */
function wasOnPanel({ author, at }: MessageRow, panels: readonly PanelSince[]): boolean {
    return panels.some(({ panel, at: since }, i) => {
        const until = panels[i + 1]?.at
        return panel.includes(author) && (i === 0 || since <= at) && (until === undefined || at <= until)
    })
}

/**
 * Whether a change named this reader but was sealed past them: their colleagues then seal on to keys that they lack. Whose
 * key changed on or after the day of the change can't tell.
 */
async function sealedPast(detail: CaseDetail, opened: OpenedReport, reader: Reader): Promise<string[]> {
    const newest = [...detail.keys].sort((a, b) => b.epoch - a.epoch)[0]
    if (newest === undefined || newest.epoch === 0 || !opened.panel.includes(reader.me) || !newest.panel.includes(reader.me)) return []
    const recipient = await hybridRecipient(reader.identity)
    const lines = reader.rosters.flatMap(({ people }) => people.filter(({ id }) => id === reader.me))
    const mine = lines.find((line) => line.recipient === recipient)
    const always = lines.every((line) => line.recipient === recipient)
    if (mine === undefined || (!always && newest.at.slice(0, 10) <= mine.from)) return []
    const keys = await orNull(() => openKeys(reader.org, unb64url(detail.case, 16), unb64url(newest.file), reader.identity))
    return keys === null ? ["sealed-past"] : []
}

function seenFiles(detail: CaseDetail, opened: OpenedReport): string[] {
    const keys = detail.keys.map((row) => b64url(sha256(unb64url(row.file))))
    return [opened.manifest.report, opened.manifest.keys, ...keys, ...detail.notes.map((note) => note.sha256)]
}

/** Who came and went, and whether each change was signed by somebody who was on the panel before it. */
function panelSteps(detail: CaseDetail, opened: OpenedReport) {
    const mismatches: string[] = []
    const steps: PanelStep[] = []
    const panels: PanelSince[] = []
    let before: readonly string[] = opened.manifest.panel
    for (const row of [...detail.keys].sort((a, b) => a.epoch - b.epoch)) {
        const allowed = row.epoch === 0 ? row.panel.join() === before.join() : row.author !== null && before.includes(row.author)
        if (!allowed) mismatches.push("panel-author")
        const left = before.filter((id) => !row.panel.includes(id))
        const joined = row.panel.filter((id) => !before.includes(id))
        if (row.epoch > 0) steps.push({ epoch: row.epoch, at: row.at, author: row.author, joined, left })
        if (!allowed) continue
        before = row.panel
        panels.push({ panel: row.panel, at: row.at })
    }
    return { steps, mismatches, panels }
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
export async function openTitle(row: InboxCase, reader: Reader, imported: (title: string) => string = (title) => title): Promise<string | null> {
    const caseId = unb64url(row.case, 16)
    return orNull(async () => {
        const keys = await openKeys(reader.org, caseId, unb64url(row.keys_file), reader.identity)
        const identities = [keys.caseIdentity, ...keys.earlier]
        const payload = parseJson(await open("report", reader.org, caseId, unb64url(row.report), identities)) as {
            answers?: { what?: unknown }
            imported?: unknown
        }
        const title = titleOf(typeof payload.answers?.what === "string" ? payload.answers.what : "")
        return payload.imported === undefined ? title : imported(title)
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
