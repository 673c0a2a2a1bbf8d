/**
 * age v1 files with hybrid recipients, in pieces that can be made again (c2sp.org/age).
 *
 * typage makes and opens the header: ML-KEM-768 + X25519, HPKE and the MAC are its work. The payload's
 * STREAM is ours, because typage's cannot be resumed: an attachment is sealed twice, once to learn its
 * hash for the manifest and once to send it, chunk by chunk, without ever holding the whole.
 *
 * Only sealed.ts and handlerkeys.ts may know this module (lint.mjs holds that): everybody else goes through
 * their checks.
 */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js"
import { hkdf } from "@noble/hashes/hkdf.js"
import { sha256 } from "@noble/hashes/sha2.js"
import { base64nopad } from "@scure/base"
import { Decrypter, Encrypter, identityToRecipient, type Recipient } from "age-encryption"
import { concat, randomBytes, utf8 } from "./bytes.ts"
import { CannotOpen, CoreError, Malformed, NotSupported, Refused } from "./errors.ts"
import { checkIdentity, checkRecipient } from "./recipient.ts"

/** Plain bytes in one STREAM chunk. */
export const CHUNK = 65_536
/** What each chunk grows by. */
export const TAG = 16
const NONCE = 16
const VERSION_LINE = "age-encryption.org/v1\n"
/** A header of some 80 recipients; ours have at most 13. */
const HEADER_LIMIT = 131_072

/** Whether this browser can make and open sealed files. */
export function canSeal(): boolean {
    return (
        typeof ReadableStream === "function" &&
        typeof TransformStream === "function" &&
        typeof Response === "function" &&
        typeof crypto === "object" &&
        typeof crypto.getRandomValues === "function"
    )
}

function requireStreams(): void {
    if (!canSeal()) throw new NotSupported("no-streams")
}

export async function recipientOf(identity: string): Promise<string> {
    checkIdentity(identity)
    return identityToRecipient(identity)
}

/** What it takes to write one sealed file, or any part of it, again. */
export interface Envelope {
    /** The age header and the payload nonce: the file's first bytes. */
    readonly head: Uint8Array
    readonly streamKey: Uint8Array
}

/** A new envelope. Throws Refused "nobody" or "not-hybrid". */
export async function envelope(recipients: readonly string[]): Promise<Envelope> {
    requireStreams()
    if (recipients.length === 0) throw new Refused("nobody")
    recipients.forEach(checkRecipient)
    const encrypter = new Encrypter()
    let fileKey: Uint8Array | undefined
    // It adds no stanza; it only takes down the file key that typage draws for this file.
    const witness: Recipient = {
        wrapFileKey(key) {
            fileKey = Uint8Array.from(key)
            return []
        },
    }
    encrypter.addRecipient(witness)
    let empty: Uint8Array
    try {
        for (const recipient of recipients) encrypter.addRecipient(recipient)
        empty = await encrypter.encrypt(new Uint8Array(0))
    } catch {
        // Bech32 of the right length, but no valid ML-KEM key inside.
        throw new Refused("not-hybrid")
    }
    if (fileKey === undefined) throw new NotSupported("no-file-key")
    const header = empty.subarray(0, empty.length - NONCE - TAG)
    // A nonce of our own: the key of typage's empty payload is never used for another.
    const nonce = randomBytes(NONCE)
    return { head: concat(header, nonce), streamKey: streamKey(fileKey, nonce) }
}

function streamKey(fileKey: Uint8Array, nonce: Uint8Array): Uint8Array {
    return hkdf(sha256, fileKey, nonce, utf8("payload"), 32)
}

function chunkNonce(index: number, last: boolean): Uint8Array {
    const nonce = new Uint8Array(12)
    let rest = index
    for (let i = 10; rest > 0; i--) {
        nonce[i] = rest % 256
        rest = Math.floor(rest / 256)
    }
    nonce[11] = last ? 1 : 0
    return nonce
}

export function sealChunk(key: Uint8Array, index: number, last: boolean, plain: Uint8Array): Uint8Array {
    return chacha20poly1305(key, chunkNonce(index, last)).encrypt(plain)
}

/** Throws CannotOpen "changed". */
export function openChunk(key: Uint8Array, index: number, last: boolean, sealed: Uint8Array): Uint8Array {
    try {
        const plain = chacha20poly1305(key, chunkNonce(index, last)).decrypt(sealed)
        if (index === 0 || plain.length > 0) return plain
    } catch {
        // Too short or not authentic: the same refusal.
    }
    throw new CannotOpen("changed")
}

/** Bytes of the header and nonce for so many hybrid recipients. */
export function headSize(recipients: number): number {
    const stanza = "-> mlkem768x25519 ".length + 1494 + 1 + 43 + 1
    return VERSION_LINE.length + recipients * stanza + "--- ".length + 43 + 1 + NONCE
}

/** Bytes of a STREAM over so many plain bytes. */
export function streamSize(plain: number): number {
    return plain + TAG * Math.max(1, Math.ceil(plain / CHUNK))
}

/** Plain bytes in a STREAM of so many. Throws Malformed "bad-envelope". */
export function plainSize(stream: number): number {
    const chunks = Math.max(1, Math.ceil(stream / (CHUNK + TAG)))
    const plain = stream - chunks * TAG
    if (plain < 0 || (chunks > 1 && plain <= (chunks - 1) * CHUNK)) throw new Malformed("bad-envelope")
    return plain
}

/**
 * Where the header ends and how many hybrid stanzas it has; undefined if more bytes are needed.
 *
 * Throws Refused "not-hybrid" for any other kind of stanza, Malformed "bad-envelope" for what is not
 * canonical age v1.
 */
export function readHeader(bytes: Uint8Array): { length: number; stanzas: number } | undefined {
    const lines = new Lines(bytes)
    const version = lines.next()
    if (version === undefined) return undefined
    if (version + "\n" !== VERSION_LINE) throw new Malformed("bad-envelope")
    for (let stanzas = 0; ; stanzas++) {
        const line = lines.next()
        if (line === undefined) return undefined
        if (line.indexOf("--- ") === 0) {
            canonical(line.slice(4), 32)
            if (stanzas === 0) throw new Malformed("bad-envelope")
            return { length: lines.at, stanzas }
        }
        readStanza(line)
        const body = lines.next()
        if (body === undefined) return undefined
        canonical(body, 32)
    }
}

class Lines {
    at = 0

    constructor(private readonly bytes: Uint8Array) {}

    next(): string | undefined {
        const end = this.bytes.indexOf(10, this.at)
        if (end < 0 ? this.bytes.length > HEADER_LIMIT : end > HEADER_LIMIT) throw new Malformed("bad-envelope")
        if (end < 0) return undefined
        let line = ""
        for (const byte of this.bytes.subarray(this.at, end)) {
            if (byte < 32 || byte > 126) throw new Malformed("bad-envelope")
            line += String.fromCharCode(byte)
        }
        this.at = end + 1
        return line
    }
}

function readStanza(line: string): void {
    const [arrow, kind, share, ...more] = line.split(" ")
    if (arrow !== "->" || kind === undefined || kind === "") throw new Malformed("bad-envelope")
    if (kind !== "mlkem768x25519") throw new Refused("not-hybrid")
    if (share === undefined || more.length > 0) throw new Malformed("bad-envelope")
    canonical(share, 1120)
}

function canonical(text: string, length: number): void {
    try {
        if (base64nopad.decode(text).length === length) return
    } catch {
        // Not canonical base64: the same refusal.
    }
    throw new Malformed("bad-envelope")
}

/** The key of the STREAM behind this header and nonce. Throws CannotOpen "not-for-us" or "changed". */
export async function openHead(head: Uint8Array, identities: readonly string[]): Promise<Uint8Array> {
    requireStreams()
    const decrypter = new Decrypter()
    for (const identity of identities) {
        checkIdentity(identity)
        decrypter.addIdentity(identity)
    }
    const header = head.subarray(0, head.length - NONCE)
    try {
        return streamKey(await decrypter.decryptHeader(header), head.subarray(head.length - NONCE))
    } catch (error) {
        if (error instanceof CoreError) throw error
        const noMatch = error instanceof Error && error.message.indexOf("no identity matched") === 0
        throw new CannotOpen(noMatch ? "not-for-us" : "changed")
    }
}

export const NONCE_SIZE = NONCE
