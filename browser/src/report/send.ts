/**
 * Sealing and sending. What was sealed once is sent again as it stands after a lost line or a second click:
 * the server knows it by its id and answers with the same receipt, so nothing is lost and nothing doubled.
 */
import { drawReach, startRung } from "../core/panel.ts"
import { asked } from "../core/questions.ts"
import {
    checkReceipt, checkRecordReceipt, newCase, prepareRecord, prepareReport, sealAttachment,
    type Attachment, type CheckedReceipt, type NewCase, type RecordSubmission, type Submission,
} from "../core/report.ts"
import { language } from "../ui/index.ts"
import type { Desk } from "./desk.ts"
import { disclosures, type Draft } from "./draft.ts"
import type { Readers } from "./readers.ts"
import { ApiError, NoConnection } from "../net/api.ts"
import type { Received, ReporterApi } from "../net/reporter.ts"

export type Stage = "sealing" | "working" | "sending"

/** 0 to 1 within a stage; null where there is nothing to measure. */
export type Report = (stage: Stage, done: number | null) => void

/** Sealed and ready: from here on every try sends the same bytes. */
export interface Parcel {
    readonly kind: "cases" | "records"
    readonly mine: NewCase
    readonly submission: Submission | RecordSubmission
    readonly attachments: readonly Attachment[]
}

/** Seals everything she said and added. Throws CoreError where a rule of sealing says no. */
export async function sealAll({ draft, organisation: { org }, readers, questions, record }: Desk, now: Date, report: Report): Promise<Parcel> {
    const mine = await newCase(org, draft.secret as Uint8Array)
    const attachments = await sealFiles(draft, mine, report)
    report("sealing", null)
    if (draft.kind === "record" || !readers) {
        const submission = await prepareRecord({ case: mine, answers: answersOf(draft), attachments, created: now })
        return { kind: "records", mine, submission, attachments }
    }
    const excluded = Array.from(draft.excluded)
    const start = startRung(readers.newest, disclosures(draft).map((one) => one.person))
    const submission = await prepareReport({
        case: mine,
        roster: readers.newest,
        panel: draft.panel,
        reach: drawReach(readers.newest, [...excluded, ...readers.gone]),
        excluded,
        answers: answersOf(draft),
        questions: questions && { id: questions.id, version: questions.version, sha256: questions.sha256, language: language(), asked: asked(questions.questions, draft.own) },
        attachments,
        earlierDisclosures: disclosures(draft),
        identity: draft.appear === "confidential" ? { name: draft.name.trim(), contact: draft.contact.trim() } : null,
        jurisdiction: draft.jurisdiction,
        urgency: draft.urgency,
        rungTold: start === 0 ? null : start - 1,
        created: now,
        record,
    })
    return { kind: "cases", mine, submission, attachments }
}

async function sealFiles(draft: Draft, mine: NewCase, report: Report): Promise<Attachment[]> {
    const files = draft.files?.files() ?? []
    const all = files.reduce((sum, file) => sum + file.blob.size, 0)
    const sealed: Attachment[] = []
    let before = 0
    for (const { blob, name, type } of files) {
        const onProgress = (done: number, total: number): void => report("sealing", all ? (before + (blob.size * done) / Math.max(total, 1)) / all : null)
        sealed.push(await sealAttachment(mine, blob, { name, type }, { forRecord: draft.kind === "record", onProgress }))
        before += blob.size
    }
    return sealed
}

/** The answers as they are sealed; the name goes in only where she chose to be named to the panel. */
export function answersOf(draft: Draft): Record<string, string> {
    const { appear, name } = draft
    const answers: Record<string, string> = { ...draft.answers }
    if (draft.kind === "report") answers["appear"] = appear
    if (draft.kind === "report" && appear === "named" && name.trim()) answers["name"] = name.trim()
    return answers
}

export type Accepted = Pick<Received, "receipt" | "received"> & Partial<Pick<Received, "promises">>

/** One try: the work, then the parcel. Throws NoConnection, ApiError, or Stopped. */
export async function deliver(parcel: Parcel, server: ReporterApi, report: Report, signal: AbortSignal): Promise<Accepted> {
    // One try each: waiting is this page's business, which says so and offers "Try now".
    const options = { signal, tries: 1, onProgress: (tried: number, expected: number): void => report("working", 1 - Math.exp(-tried / expected)) }
    const work = await server.work(options)
    report("sending", null)
    const id = parcel.mine.keys.idText
    if (parcel.kind === "cases") return server.putCase(id, parcel.submission as Submission, work, options)
    return server.putRecord(id, parcel.submission as RecordSubmission, work, options)
}

/** Whether waiting and trying again is the right answer. */
export function passing(error: unknown): boolean {
    return error instanceof NoConnection || (error instanceof ApiError && [408, 428, 429, 500, 502, 503, 504].includes(error.status))
}

/** Holds the receipt against what was sent. */
export function examine(accepted: Accepted, parcel: Parcel, readers: Pick<Readers, "policy">, promised: readonly string[], now: Date): CheckedReceipt {
    const { keys } = parcel.mine
    const check = { policy: readers.policy, org: parcel.mine.org, keys, now }
    if (parcel.kind === "records") return checkRecordReceipt(accepted.receipt, { ...check, recordSha256: (parcel.submission as RecordSubmission).recordSha256 })
    return checkReceipt(accepted.receipt, { ...check, manifestSha256: parcel.submission.manifestSha256, promised })
}

/** The sealed parcel as a file, for the external member's own address when the server cannot take it. */
export function parcelFile(parcel: Parcel): string {
    return JSON.stringify({ v: 1, case: parcel.mine.keys.idText, org: parcel.mine.org, ...parcel.submission.body }) + "\n"
}
