/** What the sealing benchmark runs inside a page: the site's own modules, with a panel of four. */
import { randomBytes } from "../../browser/src/core/bytes.ts"
import { solve } from "../../browser/src/core/pow.ts"
import { newCase, sealAttachment } from "../../browser/src/core/report.ts"
import { ORG, submit, world, type World } from "../../browser/test/core/world.ts"

let stage: World | null = null

/** Milliseconds to make a case's keys and to seal a report for the proposed panel. */
async function report(): Promise<{ panel: number; ms: number }> {
    stage ??= await world(["lead", "handler", "handler", "external", "overseer", "overseer"])
    const start = performance.now()
    const { draft } = await submit(stage, { answers: { what: "words ".repeat(500), appear: "anonymous" } })
    return { panel: draft.panel.length, ms: performance.now() - start }
}

/** Milliseconds to seal a file of so many bytes and to read all of what is sent. */
async function attachment(bytes: number): Promise<number> {
    const parts: Uint8Array<ArrayBuffer>[] = []
    for (let at = 0; at < bytes; at += 65536) parts.push(Uint8Array.from(randomBytes(Math.min(65536, bytes - at))))
    const mine = await newCase(ORG)
    const start = performance.now()
    const { sealed } = await sealAttachment(mine, new Blob(parts), { name: "file", type: "image/jpeg" })
    let sent = 0
    for await (const chunk of sealed.chunks()) sent += chunk.length
    if (sent !== sealed.size) throw new Error("not all of it came")
    return performance.now() - start
}

/** Hashes a second of the proof of work, found by doing some. */
async function hashes(bits: number, times: number): Promise<number> {
    let tried = 0
    const start = performance.now()
    for (let i = 0; i < times; i++) tried += (await solve(randomBytes(41), bits)) + 1
    return (tried / (performance.now() - start)) * 1000
}

Object.assign(globalThis, { bench: { report, attachment, hashes } })
