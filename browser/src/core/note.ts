/**
 * Signed notes (c2sp.org/signed-note), Ed25519 only, and cosignatures (c2sp.org/tlog-cosignature).
 *
 * - note = text, empty line, signature lines "— <name> <base64(key id || signature)>"
 * - key id = first 4 bytes of SHA-256(name || LF || type || public key); type 1 signs, type 4 cosigns
 * - signatures of unknown keys are ignored; one that claims a known key and fails refuses the note
 */
import { b64, concat, equal, hex, os2ip, sha256, unb64, unhex, utf8 } from "./bytes.ts"
import { CoreError, Malformed, Refused } from "./errors.ts"
import { checkPublicKey, publicKey, sign, verify } from "./sign.ts"

const SIGNS = 1
const COSIGNS = 4
const HIGHEST_SIGNATURES = 100

export interface NoteSignature {
    readonly name: string
    readonly keyId: Uint8Array
    /** What follows the key id. */
    readonly bytes: Uint8Array
}

export interface Note {
    /** With its last LF. */
    readonly text: string
    readonly signatures: readonly NoteSignature[]
}

/** A key that notes are checked with. */
export interface NoteKey {
    readonly name: string
    readonly type: 1 | 4
    readonly key: Uint8Array
    readonly keyId: Uint8Array
}

export function noteKey(name: string, key: Uint8Array, type: 1 | 4 = SIGNS): NoteKey {
    if (!isKeyName(name)) throw new Malformed("bad-key-name")
    checkPublicKey(key)
    return { name, type, key, keyId: sha256(utf8(name), Uint8Array.of(10, type), key).subarray(0, 4) }
}

function isKeyName(name: string): boolean {
    return name !== "" && !/[\s+]/.test(name)
}

/** "<name>+<key id>+<base64(type || key)>". */
export function vkey(key: NoteKey): string {
    return `${key.name}+${hex(key.keyId)}+${b64(concat(Uint8Array.of(key.type), key.key))}`
}

/** Throws Malformed "bad-vkey". */
export function parseVkey(s: string): NoteKey {
    const found = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(s)
    if (found === null) throw new Malformed("bad-vkey")
    try {
        const bytes = unb64(found[3] as string)
        const type = bytes[0]
        if (bytes.length === 33 && (type === SIGNS || type === COSIGNS)) {
            const key = noteKey(found[1] as string, bytes.subarray(1), type)
            if (equal(key.keyId, unhex(found[2] as string))) return key
        }
    } catch (error) {
        if (!(error instanceof CoreError)) throw error
    }
    throw new Malformed("bad-vkey")
}

/** Throws Malformed "bad-note". */
export function parseNote(note: string): Note {
    const fail = (): never => {
        throw new Malformed("bad-note")
    }
    if (/[\x00-\x09\x0b-\x1f\ufffd]/.test(note) || /[\ud800-\udfff]/.test(note.replace(/[\ud800-\udbff][\udc00-\udfff]/g, ""))) fail()
    const split = note.lastIndexOf("\n\n")
    if (split < 0 || note.charAt(note.length - 1) !== "\n") fail()
    const lines = note.slice(split + 2, -1).split("\n")
    if (lines.length > HIGHEST_SIGNATURES) fail()
    return { text: note.slice(0, split + 1), signatures: lines.map((line) => parseSignature(line) ?? fail()) }
}

function parseSignature(line: string): NoteSignature | undefined {
    const found = /^— ([^\s+]+) ([A-Za-z0-9+/=]+)$/.exec(line)
    if (found === null) return undefined
    let bytes: Uint8Array
    try {
        bytes = unb64(found[2] as string)
    } catch {
        return undefined
    }
    if (bytes.length < 5) return undefined
    return { name: found[1] as string, keyId: bytes.subarray(0, 4), bytes: bytes.subarray(4) }
}

/** One signature line, LF included. */
export function noteSignature(text: string, name: string, seed: Uint8Array): string {
    if (text.charAt(text.length - 1) !== "\n") throw new Malformed("bad-note")
    const key = noteKey(name, publicKey(seed))
    return `— ${name} ${b64(concat(key.keyId, sign(utf8(text), seed)))}\n`
}

export function noteOf(text: string, signatureLines: readonly string[]): string {
    return text + "\n" + signatureLines.join("")
}

/** The keys of `known` that signed. Throws Refused "bad-signature" if one claims to and did not. */
export function signers(note: Note, known: readonly NoteKey[]): NoteKey[] {
    return known.filter((key) => {
        const mine = signaturesBy(note, key)
        if (key.type !== SIGNS) throw new Malformed("bad-key")
        mine.forEach((signature) => verify(utf8(note.text), signature.bytes, key.key))
        return mine.length > 0
    })
}

/** The time (seconds since 1970) of a witness's cosignature; undefined without one. Throws Refused "bad-signature". */
export function cosignedAt(note: Note, witness: NoteKey): number | undefined {
    let latest: number | undefined
    for (const { bytes } of signaturesBy(note, witness)) {
        if (bytes.length !== 72) throw new Refused("bad-signature")
        const time = os2ip(bytes.subarray(0, 8))
        verify(utf8(`cosignature/v1\ntime ${time}\n${note.text}`), bytes.subarray(8), witness.key)
        latest = Math.max(latest ?? 0, time)
    }
    return latest
}

function signaturesBy(note: Note, key: NoteKey): NoteSignature[] {
    return note.signatures.filter((one) => one.name === key.name && equal(one.keyId, key.keyId))
}
