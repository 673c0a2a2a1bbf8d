/** An old phone's in-app browser, or an insecure onion page: no crypto.subtle, no WebAuthn. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import { webcrypto } from "node:crypto"

// Before anything of ours is loaded.
Object.defineProperty(globalThis, "crypto", {
    value: { getRandomValues: (array: Uint8Array<ArrayBuffer>) => webcrypto.getRandomValues(array) },
    configurable: true,
})

test("a whole report is sealed, sent and opened without crypto.subtle", async () => {
    const { ROLES, sealedCase, submit, world } = await import("./world.ts")
    const { openReport } = await import("../../src/core/report.ts")
    assert.equal((crypto as { subtle?: unknown }).subtle, undefined)
    const w = await world(ROLES)
    const { mine, submission, draft } = await submit(w)
    const sealed = sealedCase(mine, submission, draft)
    const handler = w.members.find(({ person }) => person.id === draft.panel[0])
    assert.deepEqual((await openReport(sealed, handler?.keys?.ageIdentity as string)).mismatches, [])
    assert.deepEqual((await openReport(sealed, mine.keys.replyIdentity)).mismatches, [])
})

test("where streams are missing too, it is said before anything is typed", async () => {
    const { canSeal, seal, newHybridIdentity, hybridRecipient } = await import("../../src/core/sealed.ts")
    const recipient = await hybridRecipient(newHybridIdentity())
    const streams = globalThis.TransformStream
    Object.defineProperty(globalThis, "TransformStream", { value: undefined, configurable: true, writable: true })
    try {
        assert.equal(canSeal(), false)
        await assert.rejects(() => seal("note", "tidewick", new Uint8Array(16), new Uint8Array(1), [recipient]), { code: "no-streams" })
    } finally {
        Object.defineProperty(globalThis, "TransformStream", { value: streams, configurable: true, writable: true })
    }
})
