/**
 * A server for browser tests of the reporter's pages: the built pages under the strict policy, the part of the API
 * that a report needs over an organisation in memory, and /control/… for bad days. It opens what it received with
 * the handlers' keys, so that a test sees what they would read.
 *
 *     node server.mjs BUNDLE
 *
 */
import { createHash } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { join, normalize } from "node:path"
import { b64url, concat, randomBytes, sha256, text as textOf, timestamp, unb64url, type Json } from "../../src/core/bytes.ts"
import { caseKeys } from "../../src/core/casekeys.ts"
import { eventLabel } from "../../src/core/labels.ts"
import { parseManifest, parseRecordManifest, verifyManifest, verifyRecordManifest } from "../../src/core/manifest.ts"
import { works } from "../../src/core/pow.ts"
import { openIdentity, openRecord, openReport } from "../../src/core/report.ts"
import { anchorOf, parseRoster, rosterNote, rosterText, signRoster } from "../../src/core/roster.ts"
import { fromWords } from "../../src/core/words.ts"
import { chinese } from "../../src/core/words-zh.ts"
import { english } from "../../src/core/words-en.ts"
import { newWorld, ORG, type Member } from "../return/world.ts"

const bundle = process.argv[2] as string
const TYPES: Readonly<Record<string, string>> = { html: "text/html; charset=utf-8", js: "text/javascript", css: "text/css" }
const { csp: CSP } = JSON.parse(readFileSync(join(bundle, "manifest.json"), "utf8")) as { csp: string }
const DAY = 86_400_000
const world = await newWorld()
let rosterNotes = [world.roster.note]
let rosterReceipt = world.rosterReceipt
let bits = 8
let faults: { path: RegExp; kind: "drop" | "after" | "busy" | "full" | "work"; left: number }[] = []
const log: string[] = []

interface Received {
    kind: "cases" | "records"
    body: Record<string, string | null>
    answer: Json
    files: Map<string, { size: number; hash: ReturnType<typeof createHash>; received: number; done: boolean }>
    puts: number
}
const cases = new Map<string, Received>()
const challenges = new Set<string>()

const both = (en: string, zh: string): { en: string; zh: string } => ({ en, zh })
function promises(jurisdiction: string | null, at: Date): { id: string; rule: string; due: string; title: object; text: object; law: string | null; keeps: string[]; note: object | null; longest: string }[] {
    const due = (days: number): string => timestamp(new Date(at.getTime() + days * DAY))
    const list = [
        { id: "own-acknowledged", days: 1, title: both("A person writes to you", "有人给你回信"), text: both("They say that they have read it.", "告诉你已经读过了。"), law: null as string | null },
        { id: "own-owner", days: 1, title: both("Someone is in charge", "确定负责人"), text: both("You learn who it is.", "告诉你由谁负责。"), law: null },
        { id: "own-feedback", days: 30, title: both("You are told what was found", "告诉你查到了什么"), text: both("And what will be done.", "以及打算怎么处理。"), law: null },
    ]
    if (jurisdiction === "IE") list.push({ id: "eu-acknowledged", days: 7, title: both("Acknowledged by law", "依法确认收到"), text: both("In writing.", "书面告知。"), law: "Directive (EU) 2019/1937, Art. 9(1)(b)" })
    return list.map(({ days, ...one }) => ({ ...one, rule: one.id, due: due(days), keeps: ["answer"], note: null, longest: "P31D" }))
}

const organisation = {
    org: ORG, name: both("Tidewick Group", "汐维集团"), languages: ["en", "zh"], origin: world.origin, time_zone: "Europe/Dublin", log_key: world.log.vkey, open: true,
    jurisdictions: [{ id: "CN", name: both("China", "中国") }, { id: "IE", name: both("Ireland", "爱尔兰") }],
    rungs: [{ number: 0, name: both("the panel", "小组"), role: "handler" }, { number: 1, name: both("the lead", "组长"), role: "lead" }, { number: 2, name: both("the overseers", "监督人"), role: "overseer" }, { number: 3, name: both("the external member", "外部成员"), role: "external" }],
    outside_contact: { name: both("Zhiyao Lu, Hengyan law firm", "陆知遥，衡砚律师事务所"), telephone: "+353 1 000 0000", post: "1 Example Quay, Dublin", pgp: "0000 1111 2222 3333", email: "lu@hengyan.example" },
    leave_url: "/left", limits: { report: 1 << 20, attachment: 512 << 20, attachments: 20, chunk: 1 << 20 },
}

const server = createServer((request, response) => void handle(request, response).catch((fault: unknown) => {
    console.error(fault)
    if (!response.headersSent) response.writeHead(500).end()
}))

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://localhost")
    const path = url.pathname
    if (path.startsWith("/control/")) return control(path.slice(9), await body(request), response)
    log.push(`${request.method} ${request.url}`)
    if (request.headers.cookie) log.push("COOKIE")
    if (request.headers.referer) log.push("REFERER")
    if (path === "/left") return void response.writeHead(200, { "Content-Type": "text/html" }).end("<!doctype html><title>Weather</title><p>Weather")
    const page = /^\/o\/tidewick\/(en|zh)\/(\w*)$/.exec(path)
    if (page) return file(response, `pages/${page[1]}/${page[2] || "start"}.html`)
    if (path.startsWith("/assets/")) return file(response, path.slice(1))
    const base = `/api/v1/orgs/${ORG}/`
    if (path !== base.slice(0, -1) && (!path.startsWith(base) || path === base)) return json(response, 404, { error: "not-found" })
    const fault = faults.find((one) => one.left > 0 && one.path.test(`${request.method} ${path}`))
    if (fault) {
        fault.left--
        if (fault.kind === "drop") return void request.socket.destroy()
        if (fault.kind === "busy") return json(response, 503, { error: "busy" })
        if (fault.kind === "full") return json(response, 507, { error: "no-room" })
    }
    const rest = path.slice(base.length)
    if (rest === "") return json(response, 200, { ...organisation, leave_url: `http://${request.headers.host}/left` })
    if (rest === "rosters") return json(response, 200, { rosters: rosterNotes, receipt: rosterReceipt, new_chain_until: null, gone: [] })
    if (rest === "questions") return json(response, 200, { questions: null })
    if (rest === "promises") return json(response, 200, { promises: promises(url.searchParams.get("jurisdiction"), new Date()), received: timestamp(new Date()) })
    if (rest === "challenge") return json(response, 200, challenge(bits))
    const put = /^(cases|records)\/([\w-]{22})$/.exec(rest)
    if (put && request.method === "PUT") {
        const answer = receive(put[1] as "cases" | "records", put[2] as string, JSON.parse(textOf(await body(request))), fault?.kind === "work")
        if (fault?.kind === "after") return void request.socket.destroy()
        return json(response, answer.status, answer.body)
    }
    const piece = /^(cases|records)\/([\w-]{22})\/attachments\/([\w-]{43})$/.exec(rest)
    if (piece) return attachment(request, response, cases.get(piece[2] as string)?.files.get(piece[3] as string))
    json(response, 404, { error: "not-found" })
}

function challenge(difficulty: number): { challenge: string; bits: number; expires: string } {
    const made = b64url(randomBytes(24))
    challenges.add(made)
    return { challenge: made, bits: difficulty, expires: timestamp(new Date(Date.now() + 600_000)) }
}

function receive(kind: "cases" | "records", id: string, sent: Record<string, never>, moreWork: boolean): { status: number; body: Json } {
    const { pow, ...rest } = sent as unknown as Record<string, string> & { pow: { challenge: string; counter: number } }
    const known = challenges.delete(pow.challenge)
    if (moreWork || !known || !works(unb64url(pow.challenge), pow.counter, bits)) return { status: 428, body: { error: "work-needed", ...challenge(bits) } }
    const before = cases.get(id)
    if (before) {
        before.puts++
        return before.body["manifest"] === rest["manifest"] ? { status: 200, body: before.answer } : { status: 409, body: { error: "already-other" } }
    }
    const manifestBytes = unb64url(rest["manifest"] as string)
    const signature = unb64url(rest["signature"] as string)
    const manifest = kind === "cases" ? verifyManifest(manifestBytes, signature) : verifyRecordManifest(manifestBytes, signature)
    const current = parseRoster(rosterNotes[rosterNotes.length - 1] as string)
    if (kind === "cases" && parseManifest(manifestBytes).roster !== current.sha256Text) return { status: 422, body: { error: "stale-roster" } }
    const now = new Date()
    const received = timestamp(now)
    const owed = kind === "cases" ? promises(parseManifest(manifestBytes).jurisdiction, now).map(({ id: name, rule, due }) => ({ id: name, rule, due })) : []
    const label = eventLabel(unb64url(rest["event_key"] as string), 0)
    const payload = kind === "cases"
        ? { case: id, log_key: manifest.log_key, manifest: b64url(sha256(manifestBytes)), promises: owed, received }
        : { case: id, record: parseRecordManifest(manifestBytes).record, received }
    const index = world.log.append(kind === "cases" ? "report.received" : "record.dated", payload, label, now)
    const answer = { receipt: world.log.receipt(index), received, promises: owed }
    const files = new Map(manifest.attachments.map(({ sha256: name, size }) => [name, { size, hash: createHash("sha256"), received: 0, done: false }]))
    cases.set(id, { kind, body: rest, answer, files, puts: 1 })
    return { status: 201, body: answer }
}

async function attachment(request: IncomingMessage, response: ServerResponse, listed: { size: number; hash: ReturnType<typeof createHash>; received: number; done: boolean } | undefined): Promise<void> {
    if (!listed) return json(response, 404, { error: "not-listed" })
    if (request.method === "GET") return json(response, 200, { received: listed.received, size: listed.size, done: listed.done })
    const piece = await body(request)
    const from = Number(/^bytes (\d+)-/.exec(request.headers["content-range"] ?? "")?.[1])
    if (from !== listed.received) return json(response, 409, { error: "wrong-order", received: listed.received })
    listed.hash.update(piece)
    listed.received += piece.length
    listed.done = listed.received === listed.size
    json(response, 200, { received: listed.received, done: listed.done })
}

async function control(what: string, given: Uint8Array, response: ServerResponse): Promise<void> {
    const order = given.length ? JSON.parse(textOf(given)) : {}
    if (what === "fault") faults = [{ path: new RegExp(order.path), kind: order.kind, left: order.times }]
    else if (what === "bits") bits = order.bits
    else if (what === "log") return json(response, 200, { log: log.splice(0) })
    else if (what === "roster") changeRoster(order.how)
    else if (what === "received") return json(response, 200, await Promise.all([...cases].map(([id, one]) => opened(id, one, order.words, order.language))))
    json(response, 200, {})
}

/** "next": one handler leaves, properly signed. "unsigned": the same with no signatures. "other": another first roster. */
function changeRoster(how: string): void {
    const first = parseRoster(world.roster.note)
    const fewer = first.people.filter((person) => person.id !== (world.members[4] as Member).person.id)
    const text = how === "other" ? rosterText(ORG, 0, null, fewer) : rosterText(ORG, 1, first.sha256, fewer)
    const signers = world.members.filter(({ person }) => person.role !== "overseer" && (how !== "other" || fewer.includes(first.people.find((one) => one.id === person.id) as never)))
    const lines = signers.map(({ person, keys }) => signRoster(text, world.origin, person.id, keys.signSeed))
    const note = rosterNote(text, how === "unsigned" ? lines.slice(0, 1) : lines)
    rosterNotes = how === "other" ? [note] : [world.roster.note, note]
    if (how === "unlogged") return
    const index = world.log.append("roster.updated", { number: how === "other" ? 0 : 1, org: ORG, roster: parseRoster(note).sha256Text }, null, new Date())
    rosterReceipt = world.log.receipt(index)
}

/** What the panel reads; and for a confidential report what the external member reads. */
async function opened(id: string, one: Received, words: string | undefined, language: string | undefined): Promise<Json> {
    const bytes = (name: string): Uint8Array => unb64url(one.body[name] as string)
    const files = [...one.files.values()].map(({ size, done, hash }) => ({ size, done, sha256: done ? hash.copy().digest("base64url") : null })) as unknown as Json
    if (one.kind === "records") {
        const keys = caseKeys(fromWords(words as string, language === "zh" ? chinese : english))
        const record = await openRecord({ org: ORG, caseId: unb64url(id), manifest: bytes("manifest"), signature: bytes("signature"), record: bytes("record") }, keys)
        return { kind: one.kind, case: id, puts: one.puts, files, record: record as unknown as Json }
    }
    const manifest = parseManifest(bytes("manifest"))
    const reader = world.members.find(({ person }) => person.id === manifest.panel[0]) as Member
    const sealed = { org: ORG, caseId: unb64url(id), manifest: bytes("manifest"), signature: bytes("signature"), report: bytes("report"), rosters: rosterNotes.map(parseRoster), keys: [{ epoch: 0, panel: manifest.panel, file: bytes("keys"), author: null, signature: null }] }
    const found = await openReport(sealed, reader.keys.ageIdentity)
    const external = world.members.find(({ person }) => person.role === "external") as Member
    const identity = one.body["identity"] ? await openIdentity(ORG, unb64url(id), bytes("identity"), external.keys.ageIdentity) : null
    return { kind: one.kind, case: id, puts: one.puts, files, manifest, report: found.report, mismatches: found.mismatches, identity } as unknown as Json
}

function file(response: ServerResponse, name: string): void {
    const path = join(bundle, normalize(name))
    if (!path.startsWith(bundle) || !existsSync(path)) return json(response, 404, { error: "not-found" })
    const packed = existsSync(`${path}.br`)
    const type = TYPES[name.split(".").pop() as string] ?? "application/octet-stream"
    response.writeHead(200, { "Content-Type": type, "Content-Security-Policy": CSP, "Referrer-Policy": "no-referrer", ...(packed ? { "Content-Encoding": "br" } : {}) }).end(readFileSync(packed ? `${path}.br` : path))
}

function json(response: ServerResponse, status: number, value: unknown): void {
    response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" }).end(JSON.stringify(value))
}

async function body(request: IncomingMessage): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    for await (const part of request) parts.push(part as Uint8Array)
    return concat(...parts)
}

server.listen(0, "127.0.0.1", () => {
    const { port } = server.address() as { port: number }
    console.log(JSON.stringify({ port, anchor: anchorOf(world.roster.text), people: world.members.map(({ person }) => ({ id: person.id, role: person.role, name: person.name })) }))
})
