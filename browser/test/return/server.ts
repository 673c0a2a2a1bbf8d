/**
 * A server for browser tests of "Come back": the built pages, the reporter's API over one world in memory, and
 * /control/… to let time pass. Listens on 127.0.0.1, prints one line of JSON {port, words, …} when it is ready.
 *
 *     node server.mjs BUNDLE HARNESS        (both are built by conftest.py)
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { existsSync, readFileSync } from "node:fs"
import { createHash } from "node:crypto"
import { join, normalize } from "node:path"
import { b64url, concat, randomBytes, sha256, unb64url } from "../../src/core/bytes.ts"
import { loginBytes } from "../../src/core/login.ts"
import { verify } from "../../src/core/sign.ts"
import { chinese } from "../../src/core/words-zh.ts"
import { english } from "../../src/core/words-en.ts"
import { toWords } from "../../src/core/words.ts"
import { Case, newRecord, newWorld, ORG, type MailboxJson, type Member } from "./world.ts"

const bundle = process.argv[2] as string
const TYPES: Readonly<Record<string, string>> = { html: "text/html; charset=utf-8", js: "text/javascript", css: "text/css" }
const CSP =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src blob:; font-src 'self'; worker-src 'self'; " +
    "connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
const hour = 3_600_000
const now = Date.now()
const received = new Date(now - 60 * hour)
const at = (hours: number): Date => new Date(received.getTime() + hours * hour)

const world = await newWorld()
const [peiwen, , external, , mara] = world.members as [Member, Member, Member, Member, Member]
const main = await Case.make(world, received, { files: [{ name: "corridor.txt", type: "text/plain", blob: new Blob(["what the camera saw"]) }], excluded: [] })
await main.answer(peiwen, "acknowledge", "Thank you for telling us. I read all of it.\n\nTwo things first, if you want: do you feel safe at work this week, and is there anything you want us to do at once?", at(12.3), ["own-acknowledged"], new Blob(["the policy, page 4"]))
main.miss("own-owner", 3)
await main.join(world.members[1] as Member, mara, at(26))
await main.answer(external, "owner", "It should have been settled by last night. This is our doing; you should not have waited a night longer.\n\nI am in charge from now on.", at(37), ["own-owner"])
const quiet = await Case.make(world, new Date(now - 2 * hour))
const shut = await Case.make(world, received)
await shut.answer(peiwen, "acknowledge", "We read it.", at(3), ["own-acknowledged", ])
await shut.answer(peiwen, "owner", "I am in charge.", at(4), ["own-owner"])
await shut.answer(peiwen, "close", "Three people were asked. He no longer assigns work to you, and a warning stands in his file.", at(50), ["own-feedback", "eu-feedback"])
const forged = await Case.make(world, received)
await forged.answer(peiwen, "acknowledge", "We read it.", at(3), ["own-acknowledged"])
const record = await newRecord(world, received, new Blob(["a note"]))

interface Box {
    keys: Case["mine"]["keys"]
    json(): MailboxJson
    files: Map<string, Uint8Array>
    one: Case | null
}
const boxes: Box[] = [main, quiet, shut, forged].map((one) => ({ keys: one.mine.keys, json: () => one.json(), files: one.files, one }))
boxes.push({ keys: record.mine.keys, json: () => record.json, files: record.files, one: null })
;(boxes[3] as Box).json = () => {
    const mailbox = forged.json()
    mailbox.messages[0] = { ...(mailbox.messages[0] as (typeof mailbox.messages)[number]), kind: "answer" }
    return mailbox
}

const nonces = new Map<string, string>()
const tokens = new Map<string, Box>()
const partial = new Map<string, { hash: ReturnType<typeof createHash>; received: number }>()
let faults: { path: RegExp; kind: string; left: number }[] = []
const log: string[] = []

const server = createServer((request, response) => void handle(request, response).catch((fault: unknown) => {
    console.error(fault)
    response.writeHead(500).end()
}))

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://localhost")
    const path = url.pathname
    log.push(`${request.method} ${path}`)
    if (request.headers.cookie) log.push("COOKIE")
    const fault = faults.find((one) => one.left > 0 && one.path.test(`${request.method} ${path}`))
    if (fault && fault.kind !== "after") {
        fault.left--
        if (fault.kind === "busy") return json(response, 503, { error: "busy" })
        if (fault.kind === "erased") return json(response, 410, { error: "erased", on: "2031-03-07" })
        return void request.socket.destroy()
    }
    if (path.startsWith("/control/")) return control(path.slice(9), await body(request), response)
    const page = /^\/o\/tidewick\/(en|zh)\/(\w+)$/.exec(path)
    if (page) return file(response, `pages/${page[1]}/${page[2]}.html`)
    if (path === "/harness") return void response.writeHead(200, { "Content-Type": "text/html", "Content-Security-Policy": CSP }).end('<!doctype html><title>.</title><script type="module" src="/harness.js"></script><p>')
    if (path === "/harness.js") return void response.writeHead(200, { "Content-Type": "text/javascript" }).end(readFileSync(process.argv[3] as string))
    if (path.startsWith("/assets/")) return file(response, path.slice(1))
    if (path === `/api/v1/orgs/${ORG}`) return json(response, 200, organisation)
    if (!path.startsWith(`/api/v1/orgs/${ORG}/`)) return json(response, 404, { error: "not-found" })
    return api(request, response, path.slice(`/api/v1/orgs/${ORG}/`.length), fault)
}

async function api(request: IncomingMessage, response: ServerResponse, path: string, fault: { left: number } | undefined): Promise<void> {
    if (path === "rosters") return json(response, 200, { rosters: [world.roster.note], receipt: world.rosterReceipt, new_chain_until: null })
    const upload = /^(cases|records)\/([\w-]{22})\/attachments\/([\w-]{43})$/.exec(path)
    if (upload) return attachment(request, response, upload[2] as string, upload[3] as string)
    if (path === "mailbox/challenge") {
        const nonce = b64url(randomBytes(32))
        nonces.set(nonce, (JSON.parse(await text(request)) as { case: string }).case)
        return json(response, 200, { nonce })
    }
    if (path === "mailbox/open") return openBox(JSON.parse(await text(request)), response, request)
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? ""
    const box = tokens.get(token)
    if (!box) return json(response, 401, { error: "no-mailbox" })
    if (path === "mailbox") return json(response, 200, box.json())
    const wanted = /^mailbox\/files\/([\w-]{43})$/.exec(path)
    const bytes = wanted && box.files.get(wanted[1] as string)
    if (bytes) return void response.writeHead(200, { "Content-Type": "application/octet-stream" }).end(bytes)
    if (path === "mailbox/messages" && box.one) {
        const message = JSON.parse(await text(request))
        const made = box.one.add("reporter", message, b64url(sha256(unb64url(message.file))), new Date())
        if (fault && fault.left > 0) {
            fault.left-- // received, but the answer is lost
            return void request.socket.destroy()
        }
        return json(response, 201, { receipt: made.receipt, at: made.at })
    }
    return json(response, 404, { error: "not-found" })
}

function openBox(login: { case: string; nonce: string; signature: string }, response: ServerResponse, request: IncomingMessage): void {
    const box = boxes.find((one) => one.keys.idText === login.case)
    const known = nonces.get(login.nonce) === login.case
    nonces.delete(login.nonce)
    try {
        if (!box || !known) throw new Error("no mailbox")
        const challenge = { origin: `http://${request.headers.host}`, org: ORG, caseId: box.keys.id, nonce: unb64url(login.nonce) }
        verify(loginBytes(challenge), unb64url(login.signature), box.keys.signPublic)
    } catch {
        return json(response, 401, { error: "no-mailbox" })
    }
    const token = b64url(randomBytes(16))
    tokens.set(token, box)
    json(response, 200, { token, expires: new Date(Date.now() + 600_000).toISOString() })
}

/** As intake's: pieces in order, each with its hash; at the end the whole hash. Keeps hashes only, no bytes. */
async function attachment(request: IncomingMessage, response: ServerResponse, caseId: string, name: string): Promise<void> {
    const box = boxes.find((one) => one.keys.idText === caseId)
    const listed = box?.one?.attachments.find((one) => one.sha256 === name) ?? (name === big?.sha256 ? big : undefined)
    if (!listed) return json(response, 404, { error: "not-listed" })
    const state = partial.get(name) ?? { hash: createHash("sha256"), received: listed.done ? listed.size : 0 }
    partial.set(name, state)
    if (request.method === "GET") return json(response, 200, { received: state.received, size: listed.size, done: listed.done })
    const piece = await body(request)
    const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(request.headers["content-range"] ?? "")
    if (!range || Number(range[3]) !== listed.size || Number(range[2]) - Number(range[1]) + 1 !== piece.length) return json(response, 400, { error: "bad-range" })
    if (Number(range[1]) !== state.received) return json(response, 409, { error: "wrong-order", received: state.received })
    if (b64url(sha256(piece)) !== request.headers["x-chunk-sha256"]) return json(response, 422, { error: "bad-chunk" })
    state.hash.update(piece)
    state.received += piece.length
    if (state.received < listed.size) return json(response, 200, { received: state.received, done: false })
    if (state.hash.digest("base64url") !== name) {
        partial.delete(name)
        return json(response, 422, { error: "bad-file" })
    }
    listed.done = true
    listed.received = listed.size
    return json(response, 200, { received: state.received, done: true })
}

let big: { sha256: string; size: number; received: number; done: boolean } | undefined

async function control(what: string, given: Uint8Array, response: ServerResponse): Promise<void> {
    const order = given.length ? JSON.parse(new TextDecoder().decode(given)) : {}
    if (what === "answer") await main.answer(peiwen, "answer", order.text, new Date())
    else if (what === "fault") faults = [{ path: new RegExp(order.path), kind: order.kind, left: order.times }]
    else if (what === "expire") tokens.clear()
    else if (what === "list") big = { ...order, received: 0, done: false }
    else if (what === "log") return json(response, 200, { log: log.splice(0) })
    else if (what === "messages") return json(response, 200, main.messages.map(({ author, n, attachments }) => ({ author, n, attachments })))
    else if (what === "attachments") return json(response, 200, main.attachments)
    json(response, 200, {})
}

function file(response: ServerResponse, name: string): void {
    const path = join(bundle, normalize(name))
    if (!path.startsWith(bundle) || !existsSync(path)) return json(response, 404, { error: "not-found" })
    const type = TYPES[name.split(".").pop() as string] ?? "application/octet-stream"
    response.writeHead(200, { "Content-Type": type, "Content-Security-Policy": CSP, "Referrer-Policy": "no-referrer" }).end(readFileSync(path))
}

function json(response: ServerResponse, status: number, value: unknown): void {
    response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" }).end(JSON.stringify(value))
}

async function body(request: IncomingMessage): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    for await (const part of request) parts.push(part as Uint8Array)
    return concat(...parts)
}

async function text(request: IncomingMessage): Promise<string> {
    return new TextDecoder().decode(await body(request))
}

const organisation = {
    org: ORG,
    name: { en: "Tidewick Group", zh: "汐维集团" },
    languages: ["en", "zh"],
    origin: world.origin,
    time_zone: "Europe/Dublin",
    log_key: world.log.vkey,
    open: true,
    jurisdictions: [],
    rungs: [
        { number: 0, name: { en: "The panel", zh: "小组" }, role: "handler" },
        { number: 1, name: { en: "The lead", zh: "组长" }, role: "lead" },
        { number: 2, name: { en: "The overseers", zh: "监督人" }, role: "overseer" },
        { number: 3, name: { en: "The external member", zh: "外部成员" }, role: "external" },
    ],
    outside_contact: null,
    leave_url: "http://127.0.0.1:1/left",
    limits: { report: 1 << 20, attachment: 512 << 20, attachments: 20, chunk: 1 << 20 },
}

const words = (one: { keys: Case["mine"]["keys"] }) => ({ en: toWords(one.keys.secret, english), zh: toWords(one.keys.secret, chinese), case: one.keys.idText })
const [mainBox, quietBox, shutBox, forgedBox, recordBox] = boxes as [Box, Box, Box, Box, Box]
server.listen(0, "127.0.0.1", () => {
    const { port } = server.address() as { port: number }
    const said = { port, main: words(mainBox), quiet: words(quietBox), shut: words(shutBox), forged: words(forgedBox), record: words(recordBox), caseRecipient: main.mine.caseRecipient }
    console.log(JSON.stringify(said))
})
