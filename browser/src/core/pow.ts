/**
 * Proof of work (PROTOCOLS 2.10): slows a flood down, refuses nobody.
 *
 * SHA-256(lp("answerable/v1/pow") || lp(challenge) || I2OSP(counter, 8)) begins with `bits` zero bits. The
 * search runs in short slices, so that the page stays alive without a worker.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { concat, i2osp, lp } from "./bytes.ts"
import { Malformed, Stopped } from "./errors.ts"

export interface PowOptions {
    /** `tried` so far and 2^bits, what it takes on average. */
    readonly onProgress?: (tried: number, expected: number) => void
    readonly signal?: AbortSignal
    /** How long the page may stand still at a time, in milliseconds. */
    readonly sliceMs?: number
}

/** The counter that does the work. Throws Stopped. */
export async function solve(challenge: Uint8Array, bits: number, options: PowOptions = {}): Promise<number> {
    if (!Number.isInteger(bits) || bits < 0 || bits > 40) throw new Malformed("bad-work")
    const { onProgress, signal, sliceMs = 12 } = options
    const start = sha256.create().update(concat(lp("answerable/v1/pow"), lp(challenge)))
    for (let counter = 0; ; ) {
        if (signal?.aborted === true) throw new Stopped()
        const until = Date.now() + sliceMs
        do {
            for (const end = counter + 256; counter < end; counter++) {
                const digest = start.clone().update(i2osp(counter, 8)).digest()
                if (hasZeroBits(digest, bits)) return counter
            }
        } while (Date.now() < until)
        onProgress?.(counter, 2 ** bits)
        await new Promise((resolve) => setTimeout(resolve, 0))
    }
}

/** Whether this counter does the work. */
export function works(challenge: Uint8Array, counter: number, bits: number): boolean {
    return hasZeroBits(sha256(concat(lp("answerable/v1/pow"), lp(challenge), i2osp(counter, 8))), bits)
}

function hasZeroBits(digest: Uint8Array, bits: number): boolean {
    const whole = bits >> 3
    for (let i = 0; i < whole; i++) if (digest[i] !== 0) return false
    return bits % 8 === 0 || (digest[whole] as number) >> (8 - (bits % 8)) === 0
}
