/**
 * All keys of a case, from the sixteen bytes behind the twelve words (PROTOCOLS 2.5).
 *
 * HKDF-SHA512, no salt, the label as info. Nothing here loads the sealing code, so that coming back
 * with twelve words stays quick.
 */
import { ed25519 } from "@noble/curves/ed25519.js"
import { hkdf } from "@noble/hashes/hkdf.js"
import { sha512 } from "@noble/hashes/sha2.js"
import { bech32 } from "@scure/base"
import { b64url, lp, randomBytes, sha256, utf8 } from "./bytes.ts"
import { Malformed } from "./errors.ts"
import { eventKey } from "./labels.ts"

export interface CaseKeys {
    /** The 16 bytes that the twelve words stand for. */
    readonly secret: Uint8Array
    /** 16 bytes; the mailbox's id too. */
    readonly id: Uint8Array
    readonly idText: string
    /** Ed25519 seed of case_sign, and case_pub. */
    readonly signSeed: Uint8Array
    readonly signPublic: Uint8Array
    /** Age hybrid identity that answers are sealed to, AGE-SECRET-KEY-PQ-1…. */
    readonly replyIdentity: string
    /** case_log_key: makes every label of the case. Whoever holds it sees its timeline in the log. */
    readonly logKey: Uint8Array
    /** What the server gets instead of logKey: labels of events only. */
    readonly eventKey: Uint8Array
    /** SHA-256(lp("answerable/v1/log/key") || lp(case_log_key)), in the manifest. */
    readonly logKeyHash: Uint8Array
}

export function newCaseSecret(): Uint8Array {
    return randomBytes(16)
}

export function caseKeys(secret: Uint8Array): CaseKeys {
    if (secret.length !== 16) throw new Malformed("bad-length")
    const derive = (use: string, length: number): Uint8Array =>
        hkdf(sha512, secret, undefined, utf8("answerable/v1/case/" + use), length)
    const id = derive("id", 16)
    const signSeed = derive("sign", 32)
    const logKey = derive("log", 32)
    return {
        secret,
        id,
        idText: b64url(id),
        signSeed,
        signPublic: ed25519.getPublicKey(signSeed),
        replyIdentity: hybridIdentityText(derive("age", 32)),
        logKey,
        eventKey: eventKey(logKey),
        logKeyHash: logKeyHash(logKey),
    }
}

/** The text of an age hybrid identity (c2sp.org/age): Bech32 of its 32-byte seed, in capitals. */
export function hybridIdentityText(seed: Uint8Array): string {
    if (seed.length !== 32) throw new Malformed("bad-length")
    return bech32.encode("age-secret-key-pq-", bech32.toWords(seed), false).toUpperCase()
}

export function logKeyHash(logKey: Uint8Array): Uint8Array {
    return sha256(lp("answerable/v1/log/key"), lp(logKey))
}
