/** What the tests of the core share. Run with browser/ as the working directory. */
import { strict as assert } from "node:assert"
import { readFileSync, readdirSync } from "node:fs"
import { randomBytes as nodeRandomBytes } from "node:crypto"
import { CoreError } from "../../src/core/errors.ts"

const VECTORS = "../protocol/vectors/"

/** A vector file; a missing one fails the test, as it should. */
export function vectors(name: string): any {
    return JSON.parse(readFileSync(VECTORS + name, "utf8"))
}

export function vectorFiles(folder: string): string[] {
    return readdirSync(VECTORS + folder)
}

/** That it throws a CoreError, with this code if one is given. */
export function refuses(act: () => unknown, code?: string): void {
    assert.throws(act, (error) => {
        assert.ok(error instanceof CoreError, String(error))
        if (code !== undefined) assert.equal(error.code, code)
        return true
    })
}

export async function refusesLater(act: () => Promise<unknown>, code?: string): Promise<void> {
    await assert.rejects(act, (error) => {
        assert.ok(error instanceof CoreError, String(error))
        if (code !== undefined) assert.equal(error.code, code)
        return true
    })
}

/** A draw that always takes the first; for what must not depend on chance. */
export const firstOf = (): number => 0

/** Random bytes of any length; `crypto.getRandomValues` gives 65,536 at most. */
export function noise(length: number): Uint8Array {
    return Uint8Array.from(nodeRandomBytes(length))
}
