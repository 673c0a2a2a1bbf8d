/**
 * Ed25519 as both sides of Answerable accept it: strict RFC 8032, no small-order keys (PROTOCOLS 2.1).
 *
 * noble's default follows ZIP 215, which takes signatures that Python's `cryptography` refuses.
 */
import { ed25519 } from "@noble/curves/ed25519.js"
import { randomBytes } from "./bytes.ts"
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

/** Throws Refused "bad-signature". */
export function verify(message: Uint8Array, signature: Uint8Array, key: Uint8Array): void {
    let valid = false
    try {
        valid = ed25519.verify(signature, message, key, { zip215: false })
    } catch {
        valid = false
    }
    if (!valid) throw new Refused("bad-signature")
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
