/**
 * Texts of hybrid keys, told from all other age keys (c2sp.org/age).
 *
 * Apart from age.ts, so that a page can check a roster without loading the sealing code.
 */
import { bech32 } from "@scure/base"
import { Refused } from "./errors.ts"

/** Throws Refused "not-hybrid" unless it is a hybrid post-quantum recipient, `age1pq1…`. */
export function checkRecipient(recipient: string): void {
    try {
        const { prefix, words } = bech32.decode(recipient as `${string}1${string}`, false)
        const canonical = recipient.indexOf("age1pq1") === 0 && prefix === "age1pq"
        if (canonical && bech32.fromWords(words).length === 1216) return
    } catch {
        // Not Bech32: the same refusal.
    }
    throw new Refused("not-hybrid")
}

/** Throws Refused "not-hybrid" unless it is a hybrid identity, `AGE-SECRET-KEY-PQ-1…`. */
export function checkIdentity(identity: string): void {
    try {
        const { prefix, bytes } = bech32.decodeToBytes(identity)
        const canonical = identity.indexOf("AGE-SECRET-KEY-PQ-1") === 0 && prefix.toLowerCase() === "age-secret-key-pq-"
        if (canonical && bytes.length === 32) return
    } catch {
        // Not Bech32: the same refusal. The text itself never enters a message.
    }
    throw new Refused("not-hybrid")
}
