/** The API client against a real server on a free port. */
import { strict as assert } from "node:assert"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { after, before, test } from "node:test"
import { b64url, unb64url } from "../../src/core/bytes.ts"
import { caseKeys } from "../../src/core/casekeys.ts"
import { loginBytes } from "../../src/core/login.ts"
import { works } from "../../src/core/pow.ts"
import { verify } from "../../src/core/sign.ts"
import { ApiError, NoConnection } from "../../src/net/api.ts"
import { ReporterApi } from "../../src/net/reporter.ts"
import { noise, refusesLater } from "./help.ts"

type Answer = (request: IncomingMessage, body: Buffer, response: ServerResponse) => void
let answer: Answer
let server: Server
const real = globalThis.fetch
const asked: { request: RequestInit; path: string }[] = []

before(async () => {
    server = createServer((request, response) => {
        const parts: Buffer[] = []
        request.on("data", (part: Buffer) => parts.push(part))
        request.on("end", () => answer(request, Buffer.concat(parts), response))
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const { port } = server.address() as AddressInfo
    // Node has no page to be relative to; what was asked of the browser is kept.
    globalThis.fetch = (path, init) => {
        asked.push({ path: path as string, request: init ?? {} })
        const { mode: _mode, ...rest } = init ?? {}
        return real(`http://127.0.0.1:${port}${path as string}`, rest)
    }
})

after(() => {
    globalThis.fetch = real
    server.close()
    server.closeAllConnections()
})

const json = (response: ServerResponse, status: number, body: unknown): void => {
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body))
}
const api = new ReporterApi("tidewick")
const keys = caseKeys(new Uint8Array(16))
const fast = { tries: 3 }

test("a reporter's request carries no cookie, no referrer and goes nowhere else", async () => {
    answer = (_request, _body, response) => json(response, 200, { org: "tidewick" })
    asked.length = 0
    assert.equal((await api.organisation()).org, "tidewick")
    const { path, request } = asked[0] as (typeof asked)[0]
    assert.equal(path, "/api/v1/orgs/tidewick")
    assert.deepEqual([request.credentials, request.referrerPolicy, request.mode, request.redirect], ["omit", "no-referrer", "same-origin", "error"])
})

test("a lost line and a busy server are tried again, with pauses", async () => {
    let count = 0
    const pauses: number[] = []
    answer = (request, _body, response) => {
        count++
        if (count === 1) request.socket.destroy()
        else if (count === 2) json(response, 503, { error: "busy" })
        else json(response, 200, { challenge: "AA", bits: 1, expires: "" })
    }
    assert.equal((await api.challenge({ ...fast, onWaiting: (pause) => pauses.push(pause) })).bits, 1)
    assert.equal(count, 3)
    assert.ok(pauses.length === 2 && (pauses[1] as number) > (pauses[0] as number) / 1.7)
})

test("after all tries it says that there is no connection, or what the server said last", async () => {
    answer = (request) => void request.socket.destroy()
    await assert.rejects(() => api.rosters({ tries: 1 }), NoConnection)
    answer = (_request, _body, response) => response.writeHead(502).end("<html>proxy</html>")
    await refusesLater(() => api.rosters({ tries: 1 }), "no-code")
})

test("what the server refused is not tried again, and keeps its code", async () => {
    let count = 0
    answer = (_request, _body, response) => {
        count++
        json(response, 422, { error: "stale-roster", message: {} })
    }
    await assert.rejects(
        () => api.rosters(),
        (error) => error instanceof ApiError && error.status === 422 && error.code === "stale-roster",
    )
    assert.equal(count, 1)
})

test("a report that needs more work gets it and is sent again, unchanged", async () => {
    const challenge = b64url(noise(32))
    const bodies: Record<string, unknown>[] = []
    answer = (request, body, response) => {
        assert.equal(request.method, "PUT")
        bodies.push(JSON.parse(body.toString()) as Record<string, unknown>)
        if (bodies.length === 1) json(response, 428, { error: "work-needed", challenge, bits: 8 })
        else json(response, 201, { receipt: "r", received: "t", promises: [] })
    }
    const body = { manifest: "m", signature: "s", event_key: "e", report: "r", keys: "k", identity: null }
    const submission = { manifestBytes: new Uint8Array(0), manifestSha256: new Uint8Array(32), body }
    assert.equal((await api.putCase(keys.idText, submission, { challenge: "AA", counter: 0 })).receipt, "r")
    const [first, second] = bodies as [Record<string, unknown>, Record<string, unknown>]
    const pow = second["pow"] as { challenge: string; counter: number }
    assert.ok(works(unb64url(pow.challenge), pow.counter, 8))
    assert.deepEqual({ ...first, pow: null }, { ...second, pow: null })
})

test("the mailbox opens with a signature over this origin, and its token goes with each request", async () => {
    const nonce = noise(32)
    const seen: (string | undefined)[] = []
    answer = (request, body, response) => {
        const path = (request.url as string).split("/").slice(5).join("/")
        if (path === "mailbox/challenge") json(response, 200, { nonce: b64url(nonce) })
        else if (path === "mailbox/open") {
            const { signature } = JSON.parse(body.toString()) as { signature: string }
            const signed = loginBytes({ origin: "https://a.example", org: "tidewick", caseId: keys.id, nonce })
            verify(signed, unb64url(signature), keys.signPublic)
            json(response, 200, { token: "t0ken", expires: "" })
        } else {
            seen.push(request.headers.authorization)
            json(response, 200, { case: keys.idText })
        }
    }
    const mailbox = await api.openMailbox(keys, "https://a.example")
    assert.equal((await mailbox.mailbox()).case, keys.idText)
    assert.deepEqual(seen, ["Bearer t0ken"])
})

test("opening is never sent twice by itself: its nonce is of one use", async () => {
    let opens = 0
    answer = (request, _body, response) => {
        if ((request.url as string).endsWith("challenge")) return json(response, 200, { nonce: b64url(noise(32)) })
        opens++
        return json(response, 503, { error: "busy" })
    }
    await refusesLater(() => api.openMailbox(keys, "https://a.example"), "busy")
    assert.equal(opens, 1)
})

test("a request stops when asked, also while it waits for the next try", async () => {
    answer = (request) => void request.socket.destroy()
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 50)
    await refusesLater(() => api.organisation({ signal: stop.signal }), "stopped")
})
