/**
 * Ed25519 as both sides of Answerable accept it: strict RFC 8032, no small-order keys (PROTOCOLS 2.1).
 *
 * noble's default follows ZIP 215, which takes signatures that Python's `cryptography` refuses.
 */
import { ed25519 } from "@noble/curves/ed25519.js"
import { sha512 } from "@noble/hashes/sha2.js"
import { concat, equal, hex, randomBytes } from "./bytes.ts"
import { Malformed, Refused } from "./errors.ts"

export function newSeed(): Uint8Array {
    return randomBytes(32)
}

export function publicKey(seed: Uint8Array): Uint8Array {
    if (seed.length !== 32) throw new Malformed("bad-length")
    return ed25519.getPublicKey(seed)
}

export function sign(message: Uint8Array, seed: Uint8Array): Uint8Array {
    if (seed.length !== 32) throw new Malformed("bad-length")
    return ed25519.sign(message, seed)
}

/**
 * Throws Refused "bad-signature".
 *
 * The equation without cofactor, R = SB - kA to the byte, as OpenSSL has it: noble multiplies both sides
 * by 8, and so takes signatures with a small-order part that the server refuses.
 */
export function verify(message: Uint8Array, signature: Uint8Array, key: Uint8Array): void {
    let valid = false
    try {
        valid = holds(message, signature, key)
    } catch {
        // A key or scalar that is none: the same refusal.
    }
    if (!valid) throw new Refused("bad-signature")
}

function holds(message: Uint8Array, signature: Uint8Array, key: Uint8Array): boolean {
    if (signature.length !== 64 || key.length !== 32) return false
    const { Point } = ed25519
    const order = Point.Fn.ORDER
    const a = Point.fromBytes(key, false)
    const r = signature.subarray(0, 32)
    const s = littleEndian(signature.subarray(32))
    if (a.isSmallOrder() || s >= order) return false
    const k = littleEndian(sha512(concat(r, key, message))) % order
    return equal(Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(k)).toBytes(), r)
}

function littleEndian(bytes: Uint8Array): bigint {
    return BigInt("0x" + hex(Uint8Array.from(bytes).reverse()))
}

/** Throws Malformed "bad-key" unless it is a canonical point outside the small subgroup. */
export function checkPublicKey(key: Uint8Array): void {
    try {
        if (key.length === 32 && !ed25519.Point.fromBytes(key, false).isSmallOrder()) return
    } catch {
        // Not a point at all: the same refusal.
    }
    throw new Malformed("bad-key")
}
