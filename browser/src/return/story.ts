/**
 * What a mailbox says, checked by the reporter's own browser (PROTOCOLS 2.5 to 2.8, 5).
 *
 * - The manifest must be the one her own case key signed; otherwise nothing is shown (Refused "other-manifest").
 * - Keys files after the first must be signed by someone on the panel before, and must not add anyone she ticked.
 * - A message is shown only if somebody of her panel signed it with a key of the logged roster, and her words open
 *   it; gaps and unknown predecessors are said beside it.
 * - "Kept" counts only with such a message; dates are compared with those in her receipt.
 * - Receipts are checked against the organisation's log key.
 *
 * What does not pass becomes a fault with a stable code, for the page to say in words. No network, no document.
 */
import { b64url, equal, parseTime, sha256, unb64url, type Json } from "../core/bytes.ts"
import type { CaseKeys } from "../core/casekeys.ts"
import { CoreError, Refused } from "../core/errors.ts"
import { verifyPanelChange } from "../core/keysfile.ts"
import { eventLabel, keptLabel } from "../core/labels.ts"
import { verifyManifest, type Manifest, type RecordManifest } from "../core/manifest.ts"
import { checkThread, openMessage, REPORTER, type AttachmentNote, type Kind, type ThreadFault } from "../core/message.ts"
import type { AskedSet, Question, QuestionsReply } from "../core/questions.ts"
import { verifyReceipt, type Policy, type VerifiedReceipt } from "../core/receipt.ts"
import type { Chain, RosterPerson } from "../core/roster.ts"
import { openIdentity, openRecord, openReport, signKeysOf } from "../core/report.ts"
import { Shape, type Members } from "../core/shape.ts"
import type { CaseKeysFile, CaseMessage, Mailbox, PromiseState } from "../net/reporter.ts"

export type FaultCode =
    | "receipt-report"
    | "receipt-message"
    | "receipt-other"
    | "promise"
    | "promise-gone"
    | "promise-moved"
    | "panel"
    | "excluded"
    | "roster"

export interface Fault {
    code: FaultCode
    /** A promise's id, or a person's id. */
    about?: string
}

export interface Attached extends AttachmentNote {
    /** All of it arrived. */
    there: boolean
}

export interface Report {
    answers: Readonly<Record<string, string>>
    questions?: AskedSet | undefined
    earlier: readonly { to: string; on: string | null; person: string | null }[]
    excluded: readonly string[]
    /** From the identity file of a confidential report. */
    identity: { name: string; contact: string } | null
    files: readonly Attached[]
}

export type MessageTrouble = ThreadFault["code"] | "cannot-open"

export interface Said {
    what: "message"
    at: Date
    /** null: the reporter. */
    by: RosterPerson | null
    kind: Kind
    /** null where it can't be shown; `trouble` says why. */
    text: string | null
    trouble: readonly MessageTrouble[]
    promises: readonly string[]
    files: readonly Attached[]
    /** Questions that a handler asks with it. */
    ask?: readonly Question[] | undefined
    /** Her answers to such questions. */
    reply?: QuestionsReply | undefined
    sha256: string
}

export interface PanelChanged {
    what: "panel"
    at: Date
    by: RosterPerson | null
    joined: readonly (RosterPerson | null)[]
    left: readonly (RosterPerson | null)[]
}

export type Entry = Said | PanelChanged

export interface CheckedReceipt {
    type: string
    at: Date
    text: string
    /** null where it proves nothing. */
    verified: VerifiedReceipt | null
    files: number
}

export interface CheckedPromise extends PromiseState {
    dueAt: Date
    /** The signed message that kept it. */
    keptBy: Said | null
    unproven: boolean
}

export interface Story {
    kind: "case" | "record"
    id: string
    received: Date
    report: Report
    entries: readonly Entry[]
    promises: readonly CheckedPromise[]
    receipts: readonly CheckedReceipt[]
    panel: readonly RosterPerson[]
    /** Ids of those of the panel who left or stepped down, as the server says; the others seal the case anew. */
    leaving: ReadonlyMap<string, "left" | "stepped-down">
    /** Nobody of the panel reads this any more. */
    nobody: boolean
    /** For each rung above the panel, who may be told. */
    reach: readonly (readonly RosterPerson[])[]
    closedBy: Said | null
    closed: boolean
    /** The day on which a private record is erased, YYYY-MM-DD. */
    keptUntil?: string | null
    /** Rungs that were told after a miss, as the server says. */
    escalations: readonly { promise: string; rung: number; at: Date }[]
    faults: readonly Fault[]
    /** What the next message of the reporter's is numbered and follows. */
    next: { n: number; prev: Uint8Array }
    /** Newest first; they open messages and files. */
    caseIdentities: readonly string[]
}

export interface World {
    org: string
    keys: CaseKeys
    policy: Policy
    /** null where the list of readers could not be verified. */
    chain: Chain | null
}

/** Throws Refused "other-manifest" and what opening her own report throws; everything else becomes a fault. */
export async function tell(mailbox: Mailbox, world: World): Promise<Story> {
    return mailbox.kind === "record" ? tellRecord(mailbox, world) : new Teller(mailbox, world).tell()
}

class Teller {
    private readonly faults: Fault[] = []
    private readonly receipts: CheckedReceipt[] = []
    private readonly manifest: Manifest

    constructor(
        private readonly mailbox: Mailbox,
        private readonly world: World,
    ) {
        const bytes = unb64url(mailbox.manifest)
        this.manifest = verifyManifest(bytes, unb64url(mailbox.signature))
        assertOwn(this.manifest, world)
    }

    async tell(): Promise<Story> {
        const { mailbox, world, manifest } = this
        if (!world.chain) this.faults.push({ code: "roster" })
        const keys = this.checkPanel()
        const { report, identities } = await this.openReport(keys.files)
        this.checkExcluded(report, keys.panels)
        const received = this.checkReportReceipt()
        const said = await this.openMessages(keys, identities)
        const promises = this.checkPromises(said, received)
        this.checkOtherReceipts(said)
        const entries = withChanges(said, this.panelEntries(keys))
        const own = mailbox.messages.filter((message) => message.author === REPORTER)
        const newest = mailbox.messages[mailbox.messages.length - 1]
        const panel = keys.panels[keys.panels.length - 1] as readonly string[]
        const leaving = new Map((mailbox.leaving ?? []).filter(({ person }) => panel.indexOf(person) >= 0).map(({ person, why }) => [person, why]))
        return {
            kind: "case",
            id: mailbox.case,
            received: received?.at ?? parseTime(mailbox.received),
            report,
            entries,
            promises,
            receipts: this.receipts,
            panel: people(panel, world.chain),
            leaving,
            nobody: leaving.size === panel.length,
            reach: manifest.reach.map((rung) => people(rung, world.chain)),
            closed: mailbox.closed,
            closedBy: [...said].reverse().find((message) => message.kind === "close" && message.text !== null) ?? null,
            escalations: mailbox.events.flatMap(({ type, promise, rung, at }) =>
                type === "escalated" && promise !== null && rung !== null ? [{ promise, rung, at: parseTime(at) }] : [],
            ),
            faults: this.faults,
            next: { n: own.reduce((most, message) => Math.max(most, message.n + 1), 0), prev: unb64url(newest ? newest.sha256 : manifest.report, 32) },
            caseIdentities: identities,
        }
    }

    /** The keys files that stand: the first is in the manifest, each later one signed by the panel before it. */
    private checkPanel(): Panels {
        const files = [...this.mailbox.keys].sort((a, b) => a.epoch - b.epoch)
        const panels: (readonly string[])[] = []
        const sound: CaseKeysFile[] = []
        for (const one of files) {
            const before = panels[panels.length - 1]
            if (one.epoch === 0 && !before) panels.push(this.manifest.panel)
            else if (before && this.changeStands(one, unb64url(one.file), before)) panels.push(one.panel)
            else {
                this.faults.push({ code: "panel" })
                continue
            }
            sound.push(one)
        }
        return { panels, files: sound }
    }

    /** Only someone who was on the panel before may change it. */
    private changeStands(change: CaseKeysFile, file: Uint8Array, before: readonly string[]): boolean {
        const { org, keys, chain } = this.world
        if (!chain || !change.signature || !change.author || before.indexOf(change.author) < 0) return false
        const draft = { org, caseId: keys.id, panel: change.panel, epoch: change.epoch, keysSha256: sha256(file) }
        const signature = unb64url(change.signature)
        return signKeysOf(chain.rosters, change.author).some((key) => passes(() => verifyPanelChange(draft, signature, key)))
    }

    /** Opens the report with the reply identity; what core finds not to fit is not her own mailbox. */
    private async openReport(files: readonly CaseKeysFile[]): Promise<{ report: Report; identities: readonly string[] }> {
        const { mailbox, world } = this
        const { org, keys } = world
        const sealed = {
            org,
            caseId: keys.id,
            manifest: unb64url(mailbox.manifest),
            signature: unb64url(mailbox.signature),
            report: unb64url(mailbox.report ?? ""),
            keys: files.map(({ epoch, panel, file }) => ({ epoch, panel, file: unb64url(file), author: null, signature: null })),
            identity: mailbox.identity ? unb64url(mailbox.identity) : null,
        }
        const opened = await openReport(sealed, keys.replyIdentity)
        if (opened.mismatches.some(({ code }) => code !== "excluded-can-read")) throw new Refused("other-manifest")
        const { answers, attachments, excluded, questions, earlier_disclosures: earlier } = opened.report
        const identity = sealed.identity ? await openIdentity(org, keys.id, sealed.identity, keys.replyIdentity) : null
        const files_ = attachments.map((note) => attached(note, mailbox))
        return { report: { answers: texts(answers), questions, earlier, excluded, identity, files: files_ }, identities: opened.caseIdentities }
    }

    private checkExcluded(report: Report, panels: readonly (readonly string[])[]): void {
        const readers = new Set(panels.reduce<string[]>((all, panel) => [...all, ...panel], []))
        for (const id of report.excluded) if (readers.has(id)) this.faults.push({ code: "excluded", about: id })
    }

    private checkReportReceipt(): { at: Date; promises: { id: string; due: string }[] } | null {
        const { keys } = this.world
        const given = this.mailbox.receipts.find((one) => one.type === "report.received")
        if (!given) {
            this.faults.push({ code: "receipt-report" })
            return null
        }
        const label = eventLabel(keys.eventKey, 0)
        const verified = this.keepReceipt(given, this.manifest.attachments.length, (receipt, payload) => {
            const same = payload["case"] === keys.idText && payload["manifest"] === b64url(sha256(unb64url(this.mailbox.manifest)))
            return same && receipt.leaf.label !== null && equal(receipt.leaf.label, label)
        })
        if (!verified) {
            this.faults.push({ code: "receipt-report" })
            return null
        }
        const shape = new Shape("bad-receipt")
        const payload = shape.parse(verified.payload)
        const promises = shape.list(payload["promises"], (one) => {
            const promise = shape.object(one)
            return { id: shape.string(promise["id"]), due: shape.string(promise["due"]) }
        })
        return { at: parseTime(shape.string(payload["received"])), promises }
    }

    private async openMessages(keys: Panels, identities: readonly string[]): Promise<Said[]> {
        const { mailbox } = this
        const troubles = this.threadTroubles(keys.panels)
        const said: Said[] = []
        for (const [i, message] of mailbox.messages.entries()) {
            const trouble = troubles.get(i) ?? []
            said.push(await this.openOne(message, trouble, identities))
            if (message.receipt && !this.messageReceipt(message)) this.faults.push({ code: "receipt-message" })
        }
        return said
    }

    private async openOne(message: CaseMessage, trouble: MessageTrouble[], identities: readonly string[]): Promise<Said> {
        const { org, keys, chain } = this.world
        const by = message.author === REPORTER ? null : (people([message.author], chain)[0] ?? null)
        const base = { what: "message" as const, at: parseTime(message.at), by, kind: message.kind, promises: message.promises, sha256: message.sha256 }
        const hidden = trouble.some((code) => code !== "gap" && code !== "unknown-prev")
        if (hidden) return { ...base, text: null, trouble, files: [] }
        try {
            const payload = await openMessage({ org, caseId: keys.id, caseIdentity: identities, file: unb64url(message.file) })
            if (payload.kind !== message.kind) return { ...base, text: null, trouble: [...trouble, "unreadable"], files: [] }
            return { ...base, text: payload.text, ask: payload.ask, reply: payload.reply, trouble, files: payload.attachments.map((note) => attached(note, this.mailbox)) }
        } catch (fault) {
            if (!(fault instanceof CoreError)) throw fault
            return { ...base, text: null, trouble: [...trouble, "cannot-open"], files: [] }
        }
    }

    /** A handler may have had several keys; a message stands if any roster's key of that person signed it. */
    private threadTroubles(panels: readonly (readonly string[])[]): Map<number, MessageTrouble[]> {
        const { org, keys, chain } = this.world
        const readers = new Set(panels.reduce<string[]>((all, panel) => [...all, ...panel], []))
        const rosters = chain ? [...chain.rosters].reverse() : [null]
        const runs = rosters.map((roster) =>
            checkThread(org, keys.id, this.mailbox.messages, (author) => {
                if (author === REPORTER) return keys.signPublic
                const sign = readers.has(author) ? roster?.people.find((person) => person.id === author)?.sign : null
                return sign ? unb64url(sign, 32) : null
            }, [this.manifest.report]),
        )
        const troubles = new Map<number, MessageTrouble[]>()
        this.mailbox.messages.forEach((_, at) => {
            const each = runs.map((run) => run.filter((fault) => fault.at === at).map((fault) => fault.code))
            const best = each.sort((a, b) => a.length - b.length || rank(a) - rank(b))[0] ?? []
            if (best.length) troubles.set(at, best)
        })
        return troubles
    }

    private messageReceipt(message: CaseMessage): boolean {
        const given = { type: "message", at: message.at, receipt: message.receipt as string }
        const verified = this.keepReceipt(given, message.attachments.length, (_, payload) => {
            const same = payload["author"] === message.author && payload["n"] === message.n && payload["kind"] === message.kind
            return same && payload["case"] === this.world.keys.idText && payload["reply"] === message.sha256 && payload["sig"] === message.signature
        })
        return verified !== null
    }

    private checkPromises(said: readonly Said[], received: { promises: { id: string; due: string }[] } | null): CheckedPromise[] {
        const { mailbox } = this
        const promises = mailbox.promises.map((promise) => {
            const keptBy = said.find((one) => one.by !== null && one.text !== null && one.promises.indexOf(promise.id) >= 0) ?? null
            const unproven = (promise.state === "kept" || promise.state === "late") && !keptBy
            if (unproven) this.faults.push({ code: "promise", about: promise.id })
            return { ...promise, dueAt: parseTime(promise.due), keptBy, unproven }
        })
        for (const fixed of received?.promises ?? []) {
            const shown = promises.find((promise) => promise.id === fixed.id)
            if (!shown) this.faults.push({ code: "promise-gone", about: fixed.id })
            else if (shown.due !== fixed.due) {
                this.faults.push({ code: "promise-moved", about: fixed.id })
                shown.dueAt = parseTime(fixed.due) // the receipt counts
            }
        }
        return promises
    }

    /**
     * The leaf of an answer that keeps a promise mostly has the label that only the panel can make; if somebody had spent it
     * before, the label is random, and the signed message that stands here is what keeps the promise (PROTOCOLS 5, kept file).
     */
    private checkOtherReceipts(said: readonly Said[]): void {
        const { keys } = this.world
        for (const given of this.mailbox.receipts) {
            if (given.type === "report.received" || given.type === "message") continue
            const verified = this.keepReceipt(given, 0, (receipt, payload) => {
                if (payload["case"] !== keys.idText) return false
                if (receipt.type !== "promise.kept") return true
                const promise = plain(payload["promise"])
                if (receipt.leaf.label !== null && equal(receipt.leaf.label, keptLabel(keys.logKey, promise))) return true
                return said.some((one) => one.by !== null && one.text !== null && one.sha256 === payload["reply"] && one.promises.indexOf(promise) >= 0)
            })
            if (!verified) this.faults.push({ code: "receipt-other" })
        }
    }

    private keepReceipt(
        given: { type: string; at: string; receipt: string },
        files: number,
        fits: (receipt: VerifiedReceipt, payload: Members) => boolean,
    ): VerifiedReceipt | null {
        const verified = checkReceipt(given, this.world, fits)
        // The server tells a report's hour only; the receipt holds the second.
        const at = (verified && receivedOf(verified)) ?? parseTime(given.at)
        this.receipts.push({ type: given.type, at, text: given.receipt, verified, files })
        return verified
    }

    private panelEntries(keys: Panels): PanelChanged[] {
        const { chain } = this.world
        return keys.files.slice(1).map((change, i) => {
            const before = keys.panels[i] as readonly string[]
            const after = change.panel
            const name = (id: string) => people([id], chain)[0] ?? null
            return {
                what: "panel",
                at: parseTime(change.at),
                by: change.author ? name(change.author) : null,
                joined: after.filter((id) => before.indexOf(id) < 0).map(name),
                left: before.filter((id) => after.indexOf(id) < 0).map(name),
            }
        })
    }
}

interface Panels {
    /** By epoch; changes that did not stand are left out. */
    panels: (readonly string[])[]
    files: CaseKeysFile[]
}

async function tellRecord(mailbox: Mailbox, world: World): Promise<Story> {
    const { org, keys } = world
    const sealed = {
        org,
        caseId: keys.id,
        manifest: unb64url(mailbox.manifest),
        signature: unb64url(mailbox.signature),
        record: unb64url(mailbox.record ?? mailbox.report ?? ""),
    }
    const { manifest, answers, attachments, mismatches } = await openRecord(sealed, keys)
    if (mismatches.length > 0) throw new Refused("other-manifest")
    assertOwn(manifest, world)
    const faults: Fault[] = []
    const receipts = mailbox.receipts.map((given): CheckedReceipt => {
        const verified = checkReceipt(given, world, (receipt, members) => {
            const label = eventLabel(keys.eventKey, 0)
            const mine = members["case"] === keys.idText && receipt.leaf.label !== null && equal(receipt.leaf.label, label)
            return mine && members["record"] === manifest.record
        })
        if (!verified) faults.push({ code: "receipt-report" })
        return { type: given.type, at: parseTime(given.at), text: given.receipt, verified, files: manifest.attachments.length }
    })
    const dated = receipts.find((receipt) => receipt.verified)?.verified
    return {
        kind: "record",
        id: mailbox.case,
        received: dated ? (receivedOf(dated) ?? parseTime(mailbox.received)) : parseTime(mailbox.received),
        report: { answers: texts(answers), earlier: [], excluded: [], identity: null, files: attachments.map((note) => attached(note, mailbox)) },
        entries: [],
        promises: [],
        receipts,
        panel: [],
        leaving: new Map(),
        nobody: false,
        reach: [],
        closed: false,
        keptUntil: mailbox.kept_until ?? null,
        closedBy: null,
        escalations: [],
        faults,
        next: { n: 0, prev: unb64url(manifest.record, 32) },
        caseIdentities: [keys.replyIdentity],
    }
}

/**
 * Messages stay in the server's order, which their `prev` bears out: the times of her own are told by the hour only.
 * A change of readers goes before the first handler's message that is later.
 */
function withChanges(said: readonly Said[], changes: readonly PanelChanged[]): Entry[] {
    const entries: Entry[] = [...said]
    for (const change of changes) {
        const before = entries.findIndex((entry) => (entry.what === "panel" || entry.by !== null) && entry.at > change.at)
        entries.splice(before < 0 ? entries.length : before, 0, change)
    }
    return entries
}

/** That it is her own case's: the server can't put another's mailbox, or one it made itself, in its place. */
function assertOwn(manifest: Manifest | RecordManifest, { org, keys }: World): void {
    const own =
        manifest.org === org &&
        manifest.case === keys.idText &&
        manifest.case_pub === b64url(keys.signPublic) &&
        manifest.log_key === b64url(keys.logKeyHash)
    if (!own) throw new Refused("other-manifest")
}

function checkReceipt(
    given: { type: string; receipt: string },
    world: World,
    fits: (receipt: VerifiedReceipt, payload: Members) => boolean,
): VerifiedReceipt | null {
    try {
        const receipt = verifyReceipt(given.receipt, world.policy, { org: world.org })
        if (receipt.type !== given.type) return null
        return fits(receipt, new Shape("bad-receipt").parse(receipt.payload)) ? receipt : null
    } catch (fault) {
        if (fault instanceof CoreError) return null
        throw fault
    }
}

function receivedOf(receipt: VerifiedReceipt): Date | null {
    try {
        return parseTime(plain(new Shape("bad-receipt").parse(receipt.payload)["received"]))
    } catch {
        return null
    }
}

function texts(answers: Members): Record<string, string> {
    const found: Record<string, string> = {}
    for (const [name, value] of Object.entries(answers)) if (typeof value === "string") found[name] = value
    return found
}

function attached(note: AttachmentNote, mailbox: Mailbox): Attached {
    return { ...note, there: mailbox.attachments.some((one) => one.sha256 === note.sha256 && one.done) }
}

function people(ids: readonly string[], chain: Chain | null): RosterPerson[] {
    const rosters = chain ? [...chain.rosters].reverse() : []
    return ids.flatMap((id) => {
        for (const roster of rosters) {
            const person = roster.people.find((one) => one.id === id)
            if (person) return [person]
        }
        return []
    })
}

function passes(check: () => void): boolean {
    try {
        check()
        return true
    } catch (fault) {
        if (fault instanceof CoreError) return false
        throw fault
    }
}

function rank(codes: readonly MessageTrouble[]): number {
    return codes.indexOf("bad-signature") >= 0 ? 0 : 1
}

function plain(value: Json | undefined): string {
    return typeof value === "string" ? value : ""
}

