/**
 * A small organisation for tests: people with real keys, a signed roster, a log that gives real receipts, and one
 * mailbox that is written to as handlers and reporters write. Nothing in it is a stand-in for cryptography.
 */
import { b64, b64url, canonicalBytes, sha256, timestamp, unb64url, type Json } from "../../src/core/bytes.ts"
import { newCaseSecret } from "../../src/core/casekeys.ts"
import { newHandlerKeys, publicHalves, type HandlerKeys } from "../../src/core/handlerkeys.ts"
import { preparePanelChange } from "../../src/core/keysfile.ts"
import { eventLabel, keptLabel } from "../../src/core/labels.ts"
import { buildLeaf, commit, isPublic, leafHash, type EventType } from "../../src/core/leaf.ts"
import { nodeHash } from "../../src/core/merkle.ts"
import { prepareMessage, type Kind } from "../../src/core/message.ts"
import { noteKey, noteOf, noteSignature, vkey } from "../../src/core/note.ts"
import { newCase, prepareRecord, prepareReport, sealAttachment, sealFile, type Attachment, type NewCase } from "../../src/core/report.ts"
import { parseRoster, rosterNote, rosterText, signRoster, type Role, type Roster, type RosterPerson } from "../../src/core/roster.ts"
import { newSeed, publicKey } from "../../src/core/sign.ts"
import type { CaseMessage, Mailbox, PromiseState } from "../../src/net/reporter.ts"

export const ORG = "tidewick"

/** As the API's shapes, but open to tampering. */
type Loose<T> = T extends readonly (infer One)[] ? Loose<One>[] : T extends object ? { -readonly [Name in keyof T]: Loose<T[Name]> } : T
export type MailboxJson = Loose<Mailbox>
type MessageJson = Loose<CaseMessage>
type PromiseJson = Loose<PromiseState>
const day = 86_400_000
const hour = 3_600_000

/** An RFC 6962 tree in memory, with the receipts of PROTOCOLS 5. */
export class Log {
    readonly leaves: string[] = []
    private readonly openings: { type: EventType; nonce: Uint8Array; payload: Uint8Array }[] = []
    readonly seed = newSeed()

    constructor(readonly origin: string) {}

    get vkey(): string {
        return vkey(noteKey(this.origin, publicKey(this.seed)))
    }

    append(type: EventType, payload: Json, label: Uint8Array | null, at: Date): number {
        const bytes = canonicalBytes(payload)
        const nonce = crypto.getRandomValues(new Uint8Array(32))
        const shown = isPublic(type) ? type : null
        this.leaves.push(buildLeaf({ org: ORG, type: shown, label: shown ? null : label, date: timestamp(at).slice(0, 10), body: commit(type, nonce, bytes) }))
        this.openings.push({ type, nonce, payload: bytes })
        return this.leaves.length - 1
    }

    receipt(index: number): string {
        const { type, nonce, payload } = this.openings[index] as (typeof this.openings)[number]
        const hashes = this.leaves.map(leafHash)
        const text = `${this.origin}\n${hashes.length}\n${b64(root(hashes))}\n`
        const checkpoint = noteOf(text, [noteSignature(text, this.origin, this.seed)])
        const extra = canonicalBytes({ v: 1, leaf: this.leaves[index] as string, type, nonce: b64url(nonce), payload: b64url(payload) })
        const nodes = path(index, hashes).map((node) => b64(node) + "\n").join("")
        return `c2sp.org/tlog-proof@v1\nextra ${b64(extra)}\nindex ${index}\n${nodes}\n${checkpoint}`
    }
}

function split(n: number): number {
    let k = 1
    while (k * 2 < n) k *= 2
    return k
}

function root(hashes: readonly Uint8Array[]): Uint8Array {
    if (hashes.length === 1) return hashes[0] as Uint8Array
    const k = split(hashes.length)
    return nodeHash(root(hashes.slice(0, k)), root(hashes.slice(k)))
}

function path(index: number, hashes: readonly Uint8Array[]): Uint8Array[] {
    if (hashes.length === 1) return []
    const k = split(hashes.length)
    if (index < k) return [...path(index, hashes.slice(0, k)), root(hashes.slice(k))]
    return [...path(index - k, hashes.slice(k)), root(hashes.slice(0, k))]
}

export interface Member {
    person: RosterPerson
    keys: HandlerKeys
}

const CAST: [string, string, Role, string, string][] = [
    ["Peiwen He", "何佩文", "handler", "Handler, people and culture", "经办人，人事部"],
    ["Ruoyun Shen", "沈若云", "lead", "Leads the team", "组长"],
    ["Zhiyao Lu", "陆知遥", "external", "External member, Hengyan law firm", "外部成员，衡砚律师事务所"],
    ["Colm Daly", "科尔姆·戴利", "handler", "Handler, Dublin", "经办人，都柏林"],
    ["Mara Voss", "玛拉·福斯", "handler", "Handler, sales", "经办人，销售部"],
    ["Audit committee", "审计委员会", "overseer", "Sees the clocks", "看得到期限"],
]

export interface World {
    log: Log
    members: Member[]
    roster: Roster
    rosterReceipt: string
    origin: string
}

export async function newWorld(origin = `localhost:8000/log/${ORG}`): Promise<World> {
    const log = new Log(origin)
    const members: Member[] = []
    for (const [en, zh, role, dutyEn, dutyZh] of CAST) {
        const keys = newHandlerKeys()
        const { recipient, sign } = await publicHalves(keys)
        const keyed = role !== "overseer"
        const person: RosterPerson = {
            id: b64url(crypto.getRandomValues(new Uint8Array(16))),
            name: { en, zh },
            duty: { en: dutyEn, zh: dutyZh },
            languages: ["zh", "en"],
            role,
            recipient: keyed ? recipient : null,
            sign: keyed ? sign : null,
            from: "2026-01-05",
        }
        members.push({ person, keys })
    }
    const text = rosterText(ORG, 0, null, members.map(({ person }) => person))
    const lines = members.filter(({ person }) => person.role !== "overseer").map(({ person, keys }) => signRoster(text, origin, person.id, keys.signSeed))
    const roster = parseRoster(rosterNote(text, lines))
    const index = log.append("roster.updated", { number: 0, org: ORG, roster: roster.sha256Text }, null, new Date("2026-01-05T09:00:00Z"))
    return { log, members, roster, rosterReceipt: log.receipt(index), origin }
}

const RULES: Readonly<Record<string, [en: string, zh: string, textEn: string, textZh: string, law: string | null]>> = {
    "own-acknowledged": ["A person writes to you", "有人署名回信", "They tell you that they read it.", "告诉你已经读到。", null],
    "own-owner": ["You know who is in charge", "告诉你由谁负责", "By name, with a way to reach them.", "有名有姓，找得到人。", null],
    "eu-feedback": ["A decision with reasons", "结论和理由", "You can appeal.", "不服可以申诉。", "Directive (EU) 2019/1937, Art. 9(1)(f)"],
    "own-feedback": ["What was done so far", "告诉你接下来查什么", "Also when nothing is decided yet.", "没有结论也要说到哪一步了。", null],
}

/** One case in the world, as the server keeps it. */
export class Case {
    readonly messages: MessageJson[] = []
    readonly keysFiles: MailboxJson["keys"] = []
    readonly promises: PromiseJson[] = []
    readonly receipts: MailboxJson["receipts"] = []
    readonly events: MailboxJson["events"] = []
    readonly files = new Map<string, Uint8Array>()
    attachments: MailboxJson["attachments"] = []
    closed = false
    private seq = 0
    private constructor(
        readonly world: World,
        readonly mine: NewCase,
        readonly body: { manifest: string; signature: string; report: string; keys: string; identity: string | null },
        readonly received: Date,
        private panel: string[],
    ) {}

    static async make(world: World, received: Date, options: { answers?: Record<string, string>; files?: { name: string; type: string; blob: Blob }[]; excluded?: Member[] } = {}): Promise<Case> {
        const mine = await newCase(ORG, newCaseSecret())
        const { members, roster } = world
        const [peiwen, lead, external, colm] = members as [Member, Member, Member, Member]
        const attachments: Attachment[] = []
        const files = new Map<string, Uint8Array>()
        for (const { name, type, blob } of options.files ?? []) {
            const one = await sealAttachment(mine, blob, { name, type })
            files.set(one.entry.sha256, await one.sealed.read(0, one.sealed.size))
            attachments.push(one)
        }
        const panel = [peiwen, lead, external, colm].map(({ person }) => person.id).sort()
        const submission = await prepareReport({
            case: mine,
            roster,
            panel,
            reach: [[lead.person.id], [(members[5] as Member).person.id], [external.person.id]],
            excluded: (options.excluded ?? [members[4] as Member]).map(({ person }) => person.id),
            answers: options.answers ?? { what: "He kept filling my glass, and then his hand was on my back.\n\nI left at ten.", when: "Friday", where: "The Harbour Room", drink: "yes", ongoing: "unsure", appear: "anonymous" },
            attachments,
            earlierDisclosures: [],
            identity: null,
            jurisdiction: "IE",
            urgency: null,
            rungTold: null,
            created: received,
        })
        const one = new Case(world, mine, submission.body, received, panel)
        one.keysFiles.push({ epoch: 0, panel, file: submission.body.keys, author: "reporter", signature: null, receipt: null, at: timestamp(received) })
        one.attachments = attachments.map(({ entry }) => ({ ...entry, received: entry.size, done: true }))
        files.forEach((bytes, hash) => one.files.set(hash, bytes))
        const dues: [string, number][] = [["own-acknowledged", day], ["own-owner", day], ["own-feedback", 30 * day], ["eu-feedback", 90 * day]]
        const promises = dues.map(([id, span]) => ({ id, rule: id, due: timestamp(new Date(received.getTime() + span)) }))
        const payload = { case: mine.keys.idText, log_key: b64url(mine.keys.logKeyHash), manifest: b64url(submission.manifestSha256), promises, received: timestamp(received) }
        one.log("report.received", payload, received)
        for (const { id, rule, due } of promises) {
            const [en, zh, textEn, textZh, law] = RULES[id] as (typeof RULES)[string]
            one.promises.push({ id, rule, due, title: { en, zh }, text: { en: textEn, zh: textZh }, law, keeps: [], state: "due", kept_at: null, missed_at: null, rung: null, note: null })
        }
        return one
    }

    log(type: EventType, payload: Json, at: Date, label = eventLabel(this.mine.keys.eventKey, this.seq++)): string {
        const receipt = this.world.log.receipt(this.world.log.append(type, payload, label, at))
        this.receipts.push({ type, at: timestamp(at), receipt })
        return receipt
    }

    /** A handler writes; the promises named are kept by it. */
    async answer(member: Member, kind: Kind, text: string, at: Date, promises: string[] = [], file?: Blob): Promise<MessageJson> {
        const attachments: Attachment[] = []
        if (file) {
            const one = await sealFile(ORG, this.mine.keys.id, this.mine.caseRecipient, file, { name: "answer.txt", type: "text/plain" })
            this.files.set(one.entry.sha256, await one.sealed.read(0, one.sealed.size))
            this.attachments.push({ ...one.entry, received: one.entry.size, done: true })
            attachments.push(one)
        }
        const author = member.person.id
        const sealed = await prepareMessage({
            org: ORG,
            caseId: this.mine.keys.id,
            author,
            seed: member.keys.signSeed,
            kind,
            promises,
            n: this.messages.filter((message) => message.author === author).length,
            prev: this.newest(),
            text,
            attachments,
            caseRecipient: this.mine.caseRecipient,
        })
        const message = this.add(author, sealed.body, b64url(sealed.sha256), at)
        for (const id of promises) this.keep(id, message, at)
        if (kind === "close") {
            this.closed = true
            this.events.push({ type: "closed", at: timestamp(at), promise: null, rung: null })
        }
        return message
    }

    /** As POST mailbox/messages: idempotent on author, n and hash. */
    add(author: string, body: Omit<MessageJson, "author" | "sha256" | "at" | "receipt"> | { kind: Kind; promises: readonly string[]; n: number; prev: string; file: string; signature: string; attachments: readonly { sha256: string; size: number }[] }, hash: string, at: Date): MessageJson {
        const same = this.messages.find((message) => message.author === author && message.n === body.n && message.sha256 === hash)
        if (same) return same
        const { kind, promises, n, prev, file, signature } = body
        const payload = { author, case: this.mine.keys.idText, kind, n, prev, promises: [...promises], reply: hash, sig: signature }
        const label = eventLabel(this.mine.keys.eventKey, this.seq++)
        const receipt = this.world.log.receipt(this.world.log.append("message", payload, label, at))
        const message: MessageJson = { author, kind, promises: [...promises], n, prev, file, sha256: hash, attachments: [...body.attachments], signature, at: timestamp(at), receipt }
        this.messages.push(message)
        for (const one of body.attachments) if (!this.attachments.some((had) => had.sha256 === one.sha256)) this.attachments.push({ ...one, received: 0, done: false })
        return message
    }

    private keep(id: string, message: MessageJson, at: Date): void {
        const promise = this.promises.find((one) => one.id === id) as PromiseJson
        promise.state = at.getTime() > new Date(promise.due).getTime() ? "late" : "kept"
        promise.kept_at = timestamp(at)
        const { author, kind, n, prev, promises, sha256: reply, signature: sig } = message
        const payload = { author, case: this.mine.keys.idText, kind, n, prev, promise: id, promises, reply, sig }
        this.log("promise.kept", payload, at, keptLabel(this.mine.keys.logKey, id))
    }

    miss(id: string, rung: number): void {
        const promise = this.promises.find((one) => one.id === id) as PromiseJson
        const at = new Date(new Date(promise.due).getTime() + 60_000)
        Object.assign(promise, { state: "missed", missed_at: timestamp(at), rung })
        this.log("promise.missed", { case: this.mine.keys.idText, promise: id, rung }, at)
        this.events.push({ type: "missed", at: timestamp(at), promise: id, rung: null }, { type: "escalated", at: timestamp(at), promise: id, rung })
    }

    /** A panel member adds somebody. */
    async join(by: Member, who: Member, at: Date): Promise<void> {
        const before = this.panel
        const panel = [...before, who.person.id].sort()
        const keys = { caseIdentity: this.mine.caseIdentity, replyRecipient: this.mine.replyRecipient, epoch: this.keysFiles.length - 1, earlier: [] }
        const change = await preparePanelChange({ org: ORG, caseId: this.mine.keys.id, roster: this.world.roster, before, panel, excluded: [], keys, seed: by.keys.signSeed })
        this.panel = panel
        const { file, signature, epoch } = change.body
        const receipt = this.log("panel.changed", { author: by.person.id, case: this.mine.keys.idText, epoch, keys: b64url(sha256(unb64url(file))), panel, sig: signature }, at)
        this.keysFiles.push({ epoch, panel, file, author: by.person.id, signature, receipt, at: timestamp(at) })
        this.events.push({ type: "panel", at: timestamp(at), promise: null, rung: null })
    }

    newest(): Uint8Array {
        const last = this.messages[this.messages.length - 1]
        return last ? unb64url(last.sha256) : sha256(unb64url(this.body.report))
    }

    json(now = new Date()): MailboxJson {
        const { manifest, signature, report, identity } = this.body
        const received = timestamp(new Date(Math.floor(this.received.getTime() / hour) * hour))
        return structuredClone({
            case: this.mine.keys.idText,
            kind: "case",
            manifest,
            signature,
            report,
            keys: this.keysFiles,
            identity,
            received,
            closed: this.closed,
            promises: this.promises,
            attachments: this.attachments,
            messages: this.messages,
            receipts: [...this.receipts, ...this.messages.flatMap(({ at, receipt }) => (receipt ? [{ type: "message", at, receipt }] : []))],
            events: this.events,
            server_time: timestamp(now),
        } as MailboxJson)
    }
}

/** A private record as the server keeps it. */
export async function newRecord(world: World, at: Date, file?: Blob): Promise<{ mine: NewCase; json: MailboxJson; files: Map<string, Uint8Array> }> {
    const mine = await newCase(ORG, newCaseSecret())
    const files = new Map<string, Uint8Array>()
    const attachments: Attachment[] = []
    if (file) {
        const one = await sealAttachment(mine, file, { name: "note.txt", type: "text/plain" }, { forRecord: true })
        files.set(one.entry.sha256, await one.sealed.read(0, one.sealed.size))
        attachments.push(one)
    }
    const made = await prepareRecord({ case: mine, answers: { what: "He said it again today.", when: "14 March" }, attachments, created: at })
    const payload = { case: mine.keys.idText, received: timestamp(at), record: b64url(made.recordSha256) }
    const receipt = world.log.receipt(world.log.append("record.dated", payload, eventLabel(mine.keys.eventKey, 0), at))
    const json: MailboxJson = {
        case: mine.keys.idText,
        kind: "record",
        manifest: made.body.manifest,
        signature: made.body.signature,
        record: made.body.record,
        keys: [],
        identity: null,
        received: timestamp(at),
        closed: false,
        promises: [],
        attachments: attachments.map(({ entry }) => ({ ...entry, received: entry.size, done: true })),
        messages: [],
        receipts: [{ type: "record.dated", at: timestamp(at), receipt }],
        events: [],
        server_time: timestamp(at),
    }
    return { mine, json, files }
}

