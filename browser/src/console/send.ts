/**
 * Sends a handler's message: sealed to the case, signed, with the labels of the promises it keeps.
 *
 * Before anything leaves, the case is fetched anew: if somebody wrote meanwhile, that is shown first. What was made is
 * kept until the server has answered, and the very same bytes go again after a lost line, so that nothing is said twice.
 */
import { b64url, unb64url } from "../core/bytes.ts"
import { keptLabel } from "../core/labels.ts"
import { prepareMessage, type Kind } from "../core/message.ts"
import type { Question } from "../core/questions.ts"
import { sealFile, type Attachment } from "../core/report.ts"
import { FileError } from "../files/errors.ts"
import { Lost, uploadAll, type Progress, type Shelf } from "../files/upload.ts"
import type { Desk } from "./desk.ts"
import type { OpenCase } from "./opencase.ts"
import { Offline, ServerRefused, type MessageBody } from "./server.ts"
import type { CaseDetail } from "./types.ts"

export interface Words {
    readonly kind: Kind
    readonly promises: readonly string[]
    readonly text: string
    readonly ask: readonly Question[]
    readonly files: readonly { readonly blob: Blob; readonly name: string; readonly type: string }[]
}

export interface Pending {
    readonly key: string
    readonly body: MessageBody
    readonly sha256: string
    readonly attachments: readonly Attachment[]
    sent: boolean
}

/** Somebody else wrote since the page was last drawn; `detail` is the case as it is now. */
export class LookFirst extends Error {
    override name = "LookFirst"
    constructor(
        readonly detail: CaseDetail,
        readonly authors: readonly string[],
    ) {
        super("look first")
    }
}

export interface Sending {
    /** The case as the handler sees it. */
    readonly open: OpenCase
    readonly words: Words
    readonly pending: Pending | null
    readonly onPending: (pending: Pending) => void
    readonly onProgress: (progress: Progress) => void
}

/** Throws LookFirst, Offline, ServerRefused, FileError. */
export async function send(desk: Desk, sending: Sending): Promise<void> {
    const { open } = sending
    const detail = await desk.server.case(open.id)
    let pending = sending.pending
    const arrived = pending !== null && detail.messages.some((row) => row.sha256 === pending?.sha256)
    if (pending !== null && arrived) pending.sent = true
    else {
        const news = newAuthors(desk.me.person.id, open, detail)
        if (news.length > 0) throw new LookFirst(detail, news)
    }
    // Before anything changed on the page, the same bytes go again; afterwards they would say something else.
    if (pending === null || (!pending.sent && pending.key !== keyOf(sending.words))) {
        pending = await prepare(desk, open, sending.words)
        sending.onPending(pending)
    }
    if (!pending.sent) {
        await desk.server.message(open.id, pending.body)
        pending.sent = true
    }
    await uploadAll(pending.attachments.map(({ sealed }) => sealed), shelf(desk, open.id), { onProgress: sending.onProgress })
}

function newAuthors(me: string, open: OpenCase, detail: CaseDetail): string[] {
    const seen = new Set([...open.messages.map(({ row }) => row.sha256), ...open.notes.map((note) => note.sha256)])
    const fresh = [...detail.messages, ...detail.notes].filter((one) => !seen.has(one.sha256) && one.author !== me)
    return [...new Set(fresh.map((one) => one.author))]
}

function keyOf(words: Words): string {
    return JSON.stringify([words.kind, words.promises, words.text, words.ask, words.files.map((file) => [file.name, file.blob.size])])
}

async function prepare(desk: Desk, open: OpenCase, words: Words): Promise<Pending> {
    const caseId = unb64url(open.id, 16)
    const { org } = desk.facts
    const attachments: Attachment[] = []
    for (const { blob, name, type } of words.files) attachments.push(await sealFile(org, caseId, open.caseRecipient, blob, { name, type }))
    const author = desk.me.person.id
    const message = await prepareMessage({
        org,
        caseId,
        author,
        seed: desk.session.keys.signSeed,
        kind: words.kind,
        promises: words.promises,
        n: nextNumber(open, author),
        prev: newestSeen(open),
        text: words.text,
        ...(words.ask.length > 0 ? { ask: words.ask } : {}),
        attachments,
        caseRecipient: open.caseRecipient,
    })
    const kept = words.promises.map((promise) => ({ promise, label: b64url(keptLabel(open.opened.logKey, promise)) }))
    return { key: keyOf(words), body: { ...message.body, kept }, sha256: b64url(message.sha256), attachments, sent: false }
}

function nextNumber(open: OpenCase, author: string): number {
    return open.messages.reduce((next, { row }) => (row.author === author ? Math.max(next, row.n + 1) : next), 0)
}

/** The newest sealed file on the page: the last message, or the report itself. */
function newestSeen(open: OpenCase): Uint8Array {
    const last = open.messages[open.messages.length - 1]
    return unb64url(last === undefined ? open.opened.manifest.report : last.row.sha256, 32)
}

function shelf(desk: Desk, id: string): Shelf {
    return {
        received: (sha256, signal) => asUpload(() => desk.server.uploaded(id, sha256, signal)),
        put: (sha256, piece, signal) => asUpload(() => desk.server.upload(id, sha256, piece, signal)),
    }
}

/** The upload's own words for what the server answers: try again, go on from there, or stop for good. */
async function asUpload<T extends { received: number; done: boolean }>(act: () => Promise<T>): Promise<{ received: number; done: boolean }> {
    try {
        return await act()
    } catch (error) {
        if (error instanceof Offline) throw new Lost()
        if (!(error instanceof ServerRefused)) throw error
        if (error.status === 409 && typeof error.body["received"] === "number") return { received: error.body["received"], done: false }
        if (error.status === 503 || error.status === 429) throw new Lost()
        throw new FileError(error.code === "bad-file" ? "bad-file" : "refused")
    }
}
