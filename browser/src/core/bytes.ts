/**
 * Bytes that every format uses (PROTOCOLS 2.1): framing, text encodings, canonical JSON, SHA-256, time.
 *
 * Decoders are strict: whatever is not the one canonical text of its bytes is refused, so that two
 * readers never disagree about what was signed. Nothing here needs `crypto.subtle`, which is missing
 * on insecure onion pages and in some in-app browsers.
 */
import { hmac } from "@noble/hashes/hmac.js"
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js"
import { Malformed } from "./errors.ts"
import { readJson, type Json } from "./json.ts"

export type { Json } from "./json.ts"

const encoder = new TextEncoder()
// TextDecoder drops a leading byte order mark unless told not to; then two byte strings would read alike.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** UTF-8 of a string; lone surrogates become U+FFFD. */
export function utf8(s: string): Uint8Array {
    return encoder.encode(s)
}

/** The string of UTF-8 bytes. Throws Malformed "bad-utf8". */
export function text(bytes: Uint8Array): string {
    try {
        return decoder.decode(bytes)
    } catch {
        throw new Malformed("bad-utf8")
    }
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
    let length = 0
    for (const part of parts) length += part.length
    const whole = new Uint8Array(length)
    let at = 0
    for (const part of parts) {
        whole.set(part, at)
        at += part.length
    }
    return whole
}

/** Big-endian unsigned integer of `length` bytes. Throws Malformed "bad-integer". */
export function i2osp(n: number, length: number): Uint8Array {
    if (!Number.isSafeInteger(n) || n < 0) throw new Malformed("bad-integer")
    const bytes = new Uint8Array(length)
    let rest = n
    for (let i = length - 1; i >= 0; i--) {
        bytes[i] = rest % 256
        rest = Math.floor(rest / 256)
    }
    if (rest !== 0) throw new Malformed("bad-integer")
    return bytes
}

/** The integer of big-endian bytes, below 2^53. Throws Malformed "bad-integer". */
export function os2ip(bytes: Uint8Array): number {
    let n = 0
    for (const byte of bytes) n = n * 256 + byte
    if (!Number.isSafeInteger(n)) throw new Malformed("bad-integer")
    return n
}

/** lp(x) = I2OSP(len(x), 2) || x. Throws Malformed "bad-integer" above 65,535 bytes. */
export function lp(x: Uint8Array | string): Uint8Array {
    const bytes = typeof x === "string" ? utf8(x) : x
    return concat(i2osp(bytes.length, 2), bytes)
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
    if (a.length !== b.length) return false
    let differs = 0
    for (let i = 0; i < a.length; i++) differs |= (a[i] as number) ^ (b[i] as number)
    return differs === 0
}

export function hex(bytes: Uint8Array): string {
    let out = ""
    for (const byte of bytes) out += (byte < 16 ? "0" : "") + byte.toString(16)
    return out
}

/** Bytes of lower-case hexadecimal. Throws Malformed "bad-hex". */
export function unhex(s: string): Uint8Array {
    if (s.length % 2 !== 0 || !/^[0-9a-f]*$/.test(s)) throw new Malformed("bad-hex")
    const bytes = new Uint8Array(s.length / 2)
    for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(s.slice(2 * i, 2 * i + 2), 16)
    return bytes
}

const STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
const URL_SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

function encode64(bytes: Uint8Array, alphabet: string): string {
    const pieces: string[] = []
    let out = ""
    for (let i = 0; i < bytes.length; i += 3) {
        const left = bytes.length - i
        const n = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
        out += alphabet.charAt(n >> 18) + alphabet.charAt((n >> 12) & 63)
        if (left > 1) out += alphabet.charAt((n >> 6) & 63)
        if (left > 2) out += alphabet.charAt(n & 63)
        if (out.length > 8192) {
            pieces.push(out)
            out = ""
        }
    }
    return pieces.join("") + out
}

function decode64(s: string, alphabet: string): Uint8Array {
    if (s.length % 4 === 1) throw new Malformed("bad-base64")
    const values = new Uint8Array(128).fill(255)
    for (let i = 0; i < 64; i++) values[alphabet.charCodeAt(i)] = i
    const bytes = new Uint8Array(Math.floor((s.length * 3) / 4))
    let held = 0
    let bits = 0
    let at = 0
    for (let i = 0; i < s.length; i++) {
        const value = values[s.charCodeAt(i)] ?? 255
        if (value === 255) throw new Malformed("bad-base64")
        held = ((held << 6) | value) & 0xfff
        bits += 6
        if (bits >= 8) {
            bits -= 8
            bytes[at++] = (held >> bits) & 255
        }
    }
    // The bits that are left over must be zero, or several texts would mean the same bytes.
    if ((held & ((1 << bits) - 1)) !== 0) throw new Malformed("bad-base64")
    return bytes
}

/** Base64 with the standard alphabet and padding: leaves, notes, checkpoints. */
export function b64(bytes: Uint8Array): string {
    const bare = encode64(bytes, STANDARD)
    return bare + "=".repeat((4 - (bare.length % 4)) % 4)
}

/** Throws Malformed "bad-base64" unless canonical, padding included. */
export function unb64(s: string): Uint8Array {
    if (s.length % 4 !== 0) throw new Malformed("bad-base64")
    return decode64(s.replace(/={1,2}$/, ""), STANDARD)
}

/** Base64url without padding: binary in JSON and in URLs. */
export function b64url(bytes: Uint8Array): string {
    return encode64(bytes, URL_SAFE)
}

/** Throws Malformed "bad-base64" unless canonical, and of `length` bytes if given. */
export function unb64url(s: string, length?: number): Uint8Array {
    if (typeof s !== "string") throw new Malformed("bad-base64")
    const bytes = decode64(s, URL_SAFE)
    if (length !== undefined && bytes.length !== length) throw new Malformed("bad-length")
    return bytes
}

/** Lone surrogates become U+FFFD, as `TextEncoder` has it. */
export function wellFormed(s: string): string {
    if (!/[\uD800-\uDFFF]/.test(s)) return s
    let out = ""
    // A string's iterator yields pairs whole, so what is left of surrogates stands alone.
    for (const character of s) out += /^[\uD800-\uDFFF]$/.test(character) ? "\uFFFD" : character
    return out
}

/**
 * RFC 8785 for the subset that our formats hold: ASCII names, integers below 2^53, strings, true,
 * false, null, arrays, objects. Members that are `undefined` are left out.
 * Throws Malformed "not-canonical".
 */
export function canonicalJson(value: Json): string {
    if (value === null || typeof value === "boolean") return String(value)
    if (typeof value === "string") return JSON.stringify(wellFormed(value))
    if (typeof value === "number") {
        if (!Number.isSafeInteger(value)) throw new Malformed("not-canonical")
        return JSON.stringify(value)
    }
    if (Array.isArray(value)) return "[" + value.map((item: Json) => canonicalJson(item)).join(",") + "]"
    if (typeof value !== "object") throw new Malformed("not-canonical")
    const members: string[] = []
    const object = value as { readonly [name: string]: Json | undefined }
    for (const name of Object.keys(object).sort()) {
        const member = object[name]
        if (member === undefined) continue
        if (!/^[\x00-\x7f]*$/.test(name)) throw new Malformed("not-canonical")
        members.push(JSON.stringify(name) + ":" + canonicalJson(member))
    }
    return "{" + members.join(",") + "}"
}

export function canonicalBytes(value: Json): Uint8Array {
    return utf8(canonicalJson(value))
}

/**
 * Reads JSON of our subset. Throws Malformed "bad-json", also for duplicate names, fractions, exponents,
 * minus zero, integers from 2^53, lone surrogates and names that are not ASCII: another reader might
 * see something else in them.
 */
export function parseJson(source: Uint8Array | string): Json {
    return readJson(typeof source === "string" ? source : text(source))
}

/** SHA-256 of the parts, one after another. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
    const state = nobleSha256.create()
    for (const part of parts) state.update(part)
    return state.digest()
}

export interface Hasher {
    update(bytes: Uint8Array): void
    digest(): Uint8Array
}

/** SHA-256 fed piece by piece. */
export function hasher(): Hasher {
    const state = nobleSha256.create()
    return { update: (bytes) => void state.update(bytes), digest: () => state.digest() }
}

export function hmacSha256(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
    return hmac(nobleSha256, key, concat(...parts))
}

/** Throws where the browser has no source of randomness; it never falls back to `Math.random`. */
export function randomBytes(length: number): Uint8Array {
    return crypto.getRandomValues(new Uint8Array(length))
}

/** A whole number from 0 to n-1, all equally likely. */
export type Draw = (n: number) => number

export const draw: Draw = (n) => {
    const limit = Math.floor(0x1_0000_0000 / n) * n
    for (;;) {
        const value = os2ip(randomBytes(4))
        if (value < limit) return value % n
    }
}

/** 16 random bytes as text. */
export function newId(): string {
    return b64url(randomBytes(16))
}

/** RFC 3339, UTC, "Z", whole seconds. */
export function timestamp(moment: Date): string {
    return moment.toISOString().slice(0, 19) + "Z"
}

/** Throws Malformed "bad-time". */
export function parseTime(s: string): Date {
    const moment = new Date(s)
    const valid = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(s) && !Number.isNaN(moment.getTime()) && timestamp(moment) === s
    if (!valid) throw new Malformed("bad-time")
    return moment
}

/** Whether it is a day of the calendar, YYYY-MM-DD. */
export function isDay(s: string): boolean {
    if (!/^\d{4}-\d\d-\d\d$/.test(s)) return false
    const moment = new Date(s + "T00:00:00Z")
    return !Number.isNaN(moment.getTime()) && moment.toISOString().slice(0, 10) === s
}

export function isOrg(s: string): boolean {
    return /^[a-z0-9-]{1,63}$/.test(s)
}
