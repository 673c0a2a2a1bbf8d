/**
 * Messages of a case (PROTOCOLS 2.7): sealed to the case, signed by their author.
 *
 * The signature binds the sealed words to the case, the author, the kind, the promises they keep, the
 * author's own count and the newest file the author had seen: nothing can be moved, left out or put in
 * another's mouth unseen.
 */
import {
    b64url,
    canonicalBytes,
    concat,
    i2osp,
    lp,
    sha256,
    unb64url,
    utf8,
    type Json,
} from "./bytes.ts"
import { CoreError, Malformed } from "./errors.ts"
import type { ManifestAttachment } from "./manifest.ts"
import { readQuestions, readQuestionsReply, type Question, type QuestionsReply } from "./questions.ts"
import { open, seal } from "./sealed.ts"
import { Shape } from "./shape.ts"
import { sign, verify } from "./sign.ts"

export const KINDS = ["acknowledge", "owner", "answer", "feedback", "close", "text"] as const
export type Kind = (typeof KINDS)[number]
export const REPORTER = "reporter"

/** What a sealed payload says of a file. */
export interface AttachmentNote {
    readonly name: string
    readonly type: string
    /** Bytes of the file itself. */
    readonly size: number
    /** SHA-256 of the sealed file, and of the file itself. */
    readonly sha256: string
    readonly plain_sha256: string
}

export interface MessagePayload {
    readonly text: string
    readonly attachments: readonly AttachmentNote[]
    readonly kind: Kind
    /** Questions that a handler asks with it; a member only then. */
    readonly ask?: readonly Question[] | undefined
    /** Answers to such questions; a member only then. */
    readonly reply?: QuestionsReply | undefined
}

export interface MessageHead {
    readonly org: string
    readonly caseId: Uint8Array
    /** A handler's id (22 characters), or "reporter". */
    readonly author: string
    readonly kind: Kind
    /** Ids of the promises it keeps, none twice. */
    readonly promises: readonly string[]
    /** The author's own count, from 0. */
    readonly n: number
    /** SHA-256 of the newest sealed file the author had seen; empty if none. */
    readonly prev: Uint8Array
    readonly sealedSha256: Uint8Array
}

/** Throws Malformed "bad-message". */
export function messageSigningBytes(head: MessageHead): Uint8Array {
    const sound =
        head.caseId.length === 16 &&
        KINDS.indexOf(head.kind) >= 0 &&
        new Set(head.promises).size === head.promises.length &&
        (head.prev.length === 0 || head.prev.length === 32) &&
        head.sealedSha256.length === 32
    if (!sound) throw new Malformed("bad-message")
    const author = head.author === REPORTER ? utf8(REPORTER) : unb64url(head.author, 16)
    return concat(
        lp("answerable/v1/message"),
        lp(head.org),
        lp(head.caseId),
        lp(author),
        lp(head.kind),
        lp(canonicalBytes([...head.promises])),
        i2osp(head.n, 4),
        lp(head.prev),
        lp(head.sealedSha256),
    )
}

export function signMessage(head: MessageHead, seed: Uint8Array): Uint8Array {
    return sign(messageSigningBytes(head), seed)
}

/** `key`: the roster's for a handler, case_pub for the reporter. Throws Refused "bad-signature". */
export function verifyMessage(head: MessageHead, signature: Uint8Array, key: Uint8Array): void {
    verify(messageSigningBytes(head), signature, key)
}

export interface MessageDraft {
    readonly org: string
    readonly caseId: Uint8Array
    readonly author: string
    readonly seed: Uint8Array
    readonly kind: Kind
    readonly promises: readonly string[]
    readonly n: number
    readonly prev: Uint8Array
    readonly text: string
    readonly ask?: readonly Question[] | undefined
    readonly reply?: QuestionsReply | undefined
    readonly attachments: readonly { readonly note: AttachmentNote; readonly entry: ManifestAttachment }[]
    /** Recipient of the case identity. */
    readonly caseRecipient: string
}

/** What POST mailbox/messages and POST cases/<case>/messages take; binary is base64url. */
export interface MessageBody {
    readonly kind: Kind
    readonly promises: readonly string[]
    readonly n: number
    readonly prev: string
    readonly file: string
    readonly signature: string
    readonly attachments: readonly ManifestAttachment[]
}

export interface SealedMessage {
    readonly file: Uint8Array
    readonly sha256: Uint8Array
    readonly signature: Uint8Array
    readonly body: MessageBody
}

/** Seals and signs a message, ready to be sent. */
export async function prepareMessage(draft: MessageDraft): Promise<SealedMessage> {
    const { org, caseId, author, kind, promises, n, prev, text } = draft
    const payload = { text, attachments: draft.attachments.map(({ note }) => note), kind, ask: draft.ask && { questions: draft.ask }, reply: draft.reply }
    const file = await seal("message", org, caseId, canonicalBytes(payload as unknown as Json), [draft.caseRecipient])
    const hash = sha256(file)
    const signature = signMessage({ org, caseId, author, kind, promises, n, prev, sealedSha256: hash }, draft.seed)
    const body: MessageBody = {
        kind,
        promises,
        n,
        prev: b64url(prev),
        file: b64url(file),
        signature: b64url(signature),
        attachments: draft.attachments.map(({ entry }) => entry),
    }
    return { file, sha256: hash, signature, body }
}

/** The words of a message. Throws as `open` does, Malformed "bad-message". */
export async function openMessage(sealed: {
    readonly org: string
    readonly caseId: Uint8Array
    /** One, or those of all epochs. */
    readonly caseIdentity: string | readonly string[]
    readonly file: Uint8Array
}): Promise<MessagePayload> {
    const { org, caseId, caseIdentity, file } = sealed
    return readMessagePayload(await open("message", org, caseId, file, caseIdentity))
}

export function readMessagePayload(payload: Uint8Array): MessagePayload {
    const shape = new Shape("bad-message")
    const members = shape.parse(payload)
    return {
        text: shape.string(members["text"]),
        attachments: readAttachmentNotes(shape, members["attachments"]),
        kind: shape.oneOf(members["kind"], KINDS),
        ...(members["ask"] === undefined ? {} : { ask: readQuestions(shape, shape.object(members["ask"])["questions"]) }),
        ...(members["reply"] === undefined ? {} : { reply: readQuestionsReply(shape, members["reply"]) }),
    }
}

export function readAttachmentNotes(shape: Shape, value: Json | undefined): AttachmentNote[] {
    return shape.list(value, (one) => {
        const note = shape.object(one)
        return {
            name: shape.string(note["name"]),
            type: shape.string(note["type"]),
            size: shape.integer(note["size"]),
            sha256: shape.hash(note["sha256"]),
            plain_sha256: shape.hash(note["plain_sha256"]),
        }
    })
}

/** A message as the mailbox and the console get it; binary is base64url. */
export interface ReceivedMessage {
    readonly author: string
    readonly kind: Kind
    readonly promises: readonly string[]
    readonly n: number
    readonly prev: string
    readonly file: string
    readonly sha256: string
    readonly signature: string
}

export interface ThreadFault {
    /** Position in the list. */
    readonly at: number
    readonly code: "bad-hash" | "bad-signature" | "gap" | "unknown-prev" | "unknown-author" | "unreadable"
}

/**
 * What is wrong with a thread: files that are not the ones signed, numbers left out, a `prev` nobody has.
 *
 * `keyOf` gives an author's public key, null for an unknown one. `earlier` are hashes (base64url) of sealed
 * files that stand before all messages, the report's for one.
 */
export function checkThread(
    org: string,
    caseId: Uint8Array,
    messages: readonly ReceivedMessage[],
    keyOf: (author: string) => Uint8Array | null,
    earlier: Iterable<string> = [],
): ThreadFault[] {
    const faults: ThreadFault[] = []
    const known = new Set([...Array.from(earlier), ...messages.map((message) => message.sha256)])
    const counts = new Map<string, Set<number>>()
    for (const message of messages) {
        const numbers = counts.get(message.author) ?? new Set()
        counts.set(message.author, numbers.add(message.n))
    }
    messages.forEach((message, at) => {
        const code = faultOf(org, caseId, message, keyOf)
        if (code !== null) faults.push({ at, code })
        if (message.prev !== "" && !known.has(message.prev)) faults.push({ at, code: "unknown-prev" })
        if (message.n > 0 && counts.get(message.author)?.has(message.n - 1) !== true) faults.push({ at, code: "gap" })
    })
    return faults
}

function faultOf(
    org: string,
    caseId: Uint8Array,
    message: ReceivedMessage,
    keyOf: (author: string) => Uint8Array | null,
): ThreadFault["code"] | null {
    const key = keyOf(message.author)
    if (key === null) return "unknown-author"
    try {
        const hash = sha256(unb64url(message.file))
        if (b64url(hash) !== message.sha256) return "bad-hash"
        const { author, kind, promises, n } = message
        const head = { org, caseId, author, kind, promises, n, prev: unb64url(message.prev), sealedSha256: hash }
        verifyMessage(head, unb64url(message.signature), key)
        return null
    } catch (error) {
        if (error instanceof CoreError) return error.code === "bad-signature" ? "bad-signature" : "unreadable"
        throw error
    }
}
