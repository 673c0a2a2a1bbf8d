/** The upload goes on until everything is there, and asks how much that is after every loss. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import { b64url, sha256 } from "../../src/core/bytes.ts"
import { FileError } from "../../src/files/errors.ts"
import { backoff, Lost, PIECE, uploadAll, type Piece, type Sealed, type Shelf } from "../../src/files/upload.ts"

const wait = async (): Promise<void> => undefined

function sealed(size: number, first = 7): Sealed {
    const bytes = new Uint8Array(size).fill(first)
    return { sha256: sha256(bytes), size, read: async (offset, length) => bytes.subarray(offset, offset + length) }
}

/** Keeps what arrives; `trouble` may throw or change the answer of any put. */
class Server implements Shelf {
    readonly files = new Map<string, number[]>()
    readonly asked: string[] = []

    constructor(
        readonly sizes: readonly Sealed[],
        readonly trouble: (piece: Piece, count: number) => "take" | "lose" | "take-and-lose" = () => "take",
    ) {}

    private puts = 0

    async received(name: string) {
        this.asked.push("ask")
        return this.state(name)
    }

    async put(name: string, piece: Piece) {
        this.asked.push(`put ${piece.from}`)
        const what = this.trouble(piece, this.puts++)
        if (what === "lose") throw new Lost()
        const had = this.files.get(name) ?? []
        assert.equal(piece.sha256, b64url(sha256(piece.bytes)))
        if (piece.from === had.length) this.files.set(name, [...had, ...piece.bytes])
        if (what === "take-and-lose") throw new Lost()
        return this.state(name)
    }

    private state(name: string) {
        const received = this.files.get(name)?.length ?? 0
        return { received, done: received === this.sizes.find((one) => b64url(one.sha256) === name)?.size }
    }
}

test("files arrive in order, in pieces of one MiB", async () => {
    const items = [sealed(2 * PIECE + 5), sealed(9, 8)]
    const server = new Server(items)
    const steps: number[] = []
    await uploadAll(items, server, { wait, onProgress: ({ allSent }) => void steps.push(allSent) })
    assert.deepEqual(server.asked, ["ask", "put 0", `put ${PIECE}`, `put ${2 * PIECE}`, "ask", "put 0"])
    assert.deepEqual(steps, [...steps].sort((a, b) => a - b))
    assert.equal(steps[steps.length - 1], 2 * PIECE + 14)
})

test("a lost piece and a lost answer are told apart by asking", async () => {
    const items = [sealed(3 * PIECE)]
    const server = new Server(items, (_, count) => (count === 0 ? "lose" : count === 2 ? "take-and-lose" : "take"))
    const waits: (number | null)[] = []
    await uploadAll(items, server, { wait, onWaiting: (seconds) => void waits.push(seconds) })
    assert.deepEqual(server.asked, ["ask", "put 0", "ask", "put 0", `put ${PIECE}`, "ask", `put ${2 * PIECE}`])
    assert.deepEqual(waits, [1, null, 1, null].map((seconds) => seconds))
})

test("what is there already is not sent again", async () => {
    const items = [sealed(2 * PIECE)]
    const server = new Server(items)
    server.files.set(b64url((items[0] as Sealed).sha256), Array.from({ length: PIECE }, () => 7))
    await uploadAll(items, server, { wait })
    assert.deepEqual(server.asked, ["ask", `put ${PIECE}`])
})

test("a file that arrived broken starts again, three times in all", async () => {
    const items = [sealed(10)]
    let broken = 0
    const server: Shelf = {
        received: async () => ({ received: 0, done: false }),
        put: async () => {
            broken++
            throw new FileError("bad-file")
        },
    }
    await assert.rejects(uploadAll(items, server, { wait }), (fault: unknown) => fault instanceof FileError && fault.code === "bad-file")
    assert.equal(broken, 3)
})

test("a refusal for good ends it at once", async () => {
    const server: Shelf = { received: async () => Promise.reject(new FileError("refused")), put: async () => assert.fail("nothing is sent") }
    await assert.rejects(uploadAll([sealed(10)], server, { wait }), FileError)
})

test("stopping ends the waiting", async () => {
    const stop = new AbortController()
    const server: Shelf = { received: async () => Promise.reject(new Lost()), put: async () => assert.fail("nothing is sent") }
    const done = uploadAll([sealed(10)], server, { signal: stop.signal, wait: async () => stop.abort() })
    await assert.rejects(done, (fault: unknown) => fault instanceof FileError && fault.code === "stopped")
})

test("pauses grow to half a minute and differ between phones", () => {
    assert.deepEqual([0, 1, 2, 3, 4, 5, 20].map((tries) => backoff(tries, 0)), [1, 2, 4, 8, 16, 30, 30])
    assert.equal(backoff(5, 1), 20)
})
