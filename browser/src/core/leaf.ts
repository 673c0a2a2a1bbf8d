/**
 * Leaves of the log (PROTOCOLS 5): what everybody sees of an event, and its opening.
 *
 * - LF only, these lines and nothing else; the last ends with LF too
 * - hash = SHA-256(0x00 || leaf), RFC 6962
 * - body = SHA-256(lp("answerable/v1/commit/" || type) || lp(nonce, 32 bytes) || lp(payload))
 */
import { b64, isDay, isOrg, lp, sha256, unb64, utf8 } from "./bytes.ts"
import { CoreError, Malformed } from "./errors.ts"

export const PRIVATE_TYPES = [
    "report.received",
    "record.dated",
    "message",
    "promise.kept",
    "promise.missed",
    "panel.changed",
    "status",
    "escrow.filed",
    "escrow.withdrawn",
    "escrow.released",
] as const
export const PUBLIC_TYPES = [
    "roster.updated",
    "keyholder.epoch",
    "counts",
    "policy.published",
    "letter.opened",
    "letter.signed",
    "letter.closed",
    "answer.given",
    "release.code",
] as const
export type EventType = (typeof PRIVATE_TYPES)[number] | (typeof PUBLIC_TYPES)[number]

export interface Leaf {
    readonly org: string
    /** Null for types that are not public. */
    readonly type: EventType | null
    /** 32 bytes; null for public types. */
    readonly label: Uint8Array | null
    /** UTC, at sequencing. */
    readonly date: string
    readonly body: Uint8Array
}

export function isPublic(type: EventType): boolean {
    return (PUBLIC_TYPES as readonly string[]).indexOf(type) >= 0
}

export function isEventType(s: string): s is EventType {
    return ([...PRIVATE_TYPES, ...PUBLIC_TYPES] as readonly string[]).indexOf(s) >= 0
}

export function buildLeaf(leaf: Leaf): string {
    const text =
        `answerable/event/v1\norg ${leaf.org}\n` +
        (leaf.type === null ? "" : `type ${leaf.type}\n`) +
        `case ${leaf.label === null ? "-" : b64(leaf.label)}\ndate ${leaf.date}\nbody ${b64(leaf.body)}\n`
    parseLeaf(text)
    return text
}

/** Throws Malformed "bad-leaf". */
export function parseLeaf(text: string): Leaf {
    const found = /^answerable\/event\/v1\norg (.*)\n(?:type (.*)\n)?case (.*)\ndate (.*)\nbody (.*)\n$/.exec(text)
    if (found === null || text.length > 65_535) throw new Malformed("bad-leaf")
    const [, org, type, label, date, body] = found
    const isPublicLeaf = type !== undefined
    const valid =
        isOrg(org as string) &&
        isDay(date as string) &&
        (!isPublicLeaf || (PUBLIC_TYPES as readonly string[]).indexOf(type) >= 0) &&
        isPublicLeaf === (label === "-")
    if (!valid) throw new Malformed("bad-leaf")
    return {
        org: org as string,
        type: isPublicLeaf ? (type as EventType) : null,
        label: isPublicLeaf ? null : hash(label as string),
        date: date as string,
        body: hash(body as string),
    }
}

function hash(s: string): Uint8Array {
    try {
        const bytes = unb64(s)
        if (bytes.length === 32) return bytes
    } catch (error) {
        if (!(error instanceof CoreError)) throw error
    }
    throw new Malformed("bad-leaf")
}

export function leafHash(leaf: string): Uint8Array {
    return sha256(Uint8Array.of(0), utf8(leaf))
}

export function commit(type: EventType, nonce: Uint8Array, payload: Uint8Array): Uint8Array {
    if (nonce.length !== 32) throw new Malformed("bad-length")
    return sha256(lp("answerable/v1/commit/" + type), lp(nonce), lp(payload))
}
