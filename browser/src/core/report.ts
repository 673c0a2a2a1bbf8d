/**
 * A report from start to finish (PROTOCOLS 2.5, 2.6): made by a reporter's browser, opened by a handler's.
 *
 *     const mine = await newCase(org)
 *     const photo = await sealAttachment(mine, file, { name: "photo.jpg", type: "image/jpeg" })
 *     const submission = await prepareReport({ case: mine, roster, panel, reach, …, attachments: [photo] })
 *     await api.putCase(mine.keys.idText, { ...submission.body, pow })
 *
 * `openReport` throws only where nothing can be read; what does not fit together comes back as a list of
 * mismatches, for the page to show and for the panel to be told.
 */
import {
    b64url,
    canonicalBytes,
    canonicalJson,
    equal,
    parseTime,
    sha256,
    timestamp,
    unb64url,
    type Json,
} from "./bytes.ts"
import { caseKeys, logKeyHash, newCaseSecret, type CaseKeys } from "./casekeys.ts"
import { CoreError, Refused } from "./errors.ts"
import { openKeys, sealKeys, verifyPanelChange, type CasePurposeKeys } from "./keysfile.ts"
import { importStands, readImported, signImported, type Imported, type Unsigned } from "./imported.ts"
import { eventKey, eventLabel } from "./labels.ts"
import {
    manifestBytes,
    parseManifest,
    parseRecordManifest,
    recordManifestBytes,
    signManifest,
    verifyManifest,
    verifyRecordManifest,
    type Manifest,
    type ManifestAttachment,
    type RecordManifest,
} from "./manifest.ts"
import { readAttachmentNotes, type AttachmentNote } from "./message.ts"
import { RUNGS, checkChoice, externalsOf, mayBeConfidential, type Reach } from "./panel.ts"
import { checkPromises, type DuePromise, type PromiseFault } from "./promises.ts"
import { readAskedSet, type AskedSet } from "./questions.ts"
import { verifyReceipt, type Policy, type VerifiedReceipt } from "./receipt.ts"
import { personIn, type Roster } from "./roster.ts"
import { hybridRecipient, newHybridIdentity, open, seal, sealBlob, type SealedBlob, type SealOptions } from "./sealed.ts"
import { Shape } from "./shape.ts"

const CLOCK_TOLERANCE_MS = 5 * 60 * 1000

/** A case that lives only in this browser until it is sent. */
export interface NewCase {
    readonly org: string
    readonly keys: CaseKeys
    /** What report, messages and attachments are sealed to. */
    readonly caseIdentity: string
    readonly caseRecipient: string
    /** What answers' keys files and private records are sealed to: the twelve words. */
    readonly replyRecipient: string
}

/** `secret` only to go on with words that were shown already. */
export async function newCase(org: string, secret: Uint8Array = newCaseSecret()): Promise<NewCase> {
    const keys = caseKeys(secret)
    const caseIdentity = newHybridIdentity()
    return {
        org,
        keys,
        caseIdentity,
        caseRecipient: await hybridRecipient(caseIdentity),
        replyRecipient: await hybridRecipient(keys.replyIdentity),
    }
}

export interface Attachment {
    /** What the sealed report or message says of it. */
    readonly note: AttachmentNote
    /** What the manifest or the open part of a message says of it. */
    readonly entry: ManifestAttachment
    readonly sealed: SealedBlob
}

export interface FileFacts {
    readonly name: string
    readonly type: string
}

/** Seals a file to the case; in a private record (`forRecord`) to the reporter's words alone. */
export async function sealAttachment(
    mine: Pick<NewCase, "org" | "keys" | "caseRecipient" | "replyRecipient">,
    file: Blob,
    facts: FileFacts,
    options: SealOptions & { readonly forRecord?: boolean } = {},
): Promise<Attachment> {
    const recipient = options.forRecord === true ? mine.replyRecipient : mine.caseRecipient
    return sealFile(mine.org, mine.keys.id, recipient, file, facts, options)
}

/** The same for a handler's message, who knows the case by its id and recipient. */
export async function sealFile(
    org: string,
    caseId: Uint8Array,
    recipient: string,
    file: Blob,
    facts: FileFacts,
    options: SealOptions = {},
): Promise<Attachment> {
    const sealed = await sealBlob("attachment", org, caseId, file, [recipient], options)
    const hash = b64url(sealed.sha256)
    return {
        note: { ...facts, size: sealed.plainSize, sha256: hash, plain_sha256: b64url(sealed.plainSha256) },
        entry: { sha256: hash, size: sealed.size },
        sealed,
    }
}

export interface EarlierDisclosure {
    /** In her words. */
    readonly to: string
    readonly on: string | null
    /** Id of the person on the roster, if it was one. */
    readonly person: string | null
}

export interface ManifestDraft {
    readonly panel: readonly string[]
    readonly reach: readonly (readonly string[])[]
    readonly roster: string
}

/** What only the panel and the reporter read. */
export interface ReportPayload {
    readonly v: 1
    readonly org: string
    readonly case: string
    readonly case_pub: string
    readonly case_log_key: string
    readonly manifest_draft: ManifestDraft
    readonly answers: { readonly [question: string]: Json | undefined }
    /** The organisation's own questions as they were asked; a member only where there were some. */
    readonly questions?: AskedSet | undefined
    readonly attachments: readonly AttachmentNote[]
    readonly excluded: readonly string[]
    readonly earlier_disclosures: readonly EarlierDisclosure[]
    /** The private dated record that this report came from; a member only where there is one. */
    readonly record?: CitedRecord | undefined
    /** Brought in from another system by a handler; a member only then. */
    readonly imported?: Imported | undefined
    readonly created: string
}

export interface CitedRecord {
    /** Id of the record's mailbox. */
    readonly case: string
    /** Its receipt, the text of a .tlog-proof. */
    readonly receipt: string
}

export interface ReportDraft {
    readonly case: NewCase
    readonly roster: Roster
    readonly panel: readonly string[]
    readonly reach: Reach
    readonly excluded: readonly string[]
    readonly answers: { readonly [question: string]: Json | undefined }
    readonly questions?: AskedSet | null
    readonly attachments: readonly Attachment[]
    readonly earlierDisclosures: readonly EarlierDisclosure[]
    /** The private dated record that she sends with this. */
    readonly record?: CitedRecord | null
    /** Where a handler brings it in from another system: what they say of it, and their seed to sign that with. */
    readonly imported?: { readonly said: Unsigned; readonly seed: Uint8Array }
    /** Who she is, for the external members alone; null unless the report is confidential. */
    readonly identity: { readonly name: string; readonly contact: string } | null
    readonly jurisdiction: string | null
    readonly urgency: "now" | "soon" | null
    /** Highest rung of anyone she told before (0 for anyone off the roster); null if nobody. */
    readonly rungTold: number | null
    readonly created: Date
}

/** What PUT cases/<case> takes besides `pow`; binary is base64url. */
export interface SubmissionBody {
    readonly manifest: string
    readonly signature: string
    readonly event_key: string
    readonly report: string
    readonly keys: string
    readonly identity: string | null
}

export interface Submission {
    readonly manifestBytes: Uint8Array
    readonly manifestSha256: Uint8Array
    readonly body: SubmissionBody
}

/**
 * Seals a whole report. The same draft sealed again is another submission: keep the one that was made, and
 * send that one again after a lost line.
 *
 * Throws Refused: "nobody", "panel-too-large", "excluded", "not-in-roster", "no-external".
 */
export async function prepareReport(draft: ReportDraft): Promise<Submission> {
    const { case: mine, roster, reach, excluded } = draft
    const { org, keys } = mine
    const panel = [...draft.panel].sort()
    checkChoice(roster, panel, reach, excluded)
    if (draft.identity !== null && !mayBeConfidential(roster, panel)) throw new Refused("no-external")
    const report = await seal("report", org, keys.id, canonicalBytes(payloadOf(draft, panel) as unknown as Json), [mine.caseRecipient])
    const readers = panel.map((id) => personIn(roster, id).recipient as string)
    const purposeKeys = { caseIdentity: mine.caseIdentity, replyRecipient: mine.replyRecipient, epoch: 0, earlier: [] }
    const keysFile = await sealKeys(org, keys.id, purposeKeys, readers)
    const identity = await sealIdentity(draft, panel)
    const manifest = manifestBytes({
        ...common(mine, draft.attachments),
        roster: roster.sha256Text,
        panel,
        reach,
        report: b64url(sha256(report)),
        keys: b64url(sha256(keysFile)),
        identity: identity === null ? null : b64url(sha256(identity)),
        jurisdiction: draft.jurisdiction,
        urgency: draft.urgency,
        start_rung: draft.rungTold === null ? 0 : Math.min(draft.rungTold + 1, RUNGS.length),
    })
    return {
        manifestBytes: manifest,
        manifestSha256: sha256(manifest),
        body: {
            manifest: b64url(manifest),
            signature: b64url(signManifest(manifest, keys.signSeed)),
            event_key: b64url(keys.eventKey),
            report: b64url(report),
            keys: b64url(keysFile),
            identity: identity === null ? null : b64url(identity),
        },
    }
}

function common(mine: NewCase, attachments: readonly Attachment[]): Omit<RecordManifest, "v" | "record"> {
    return {
        org: mine.org,
        case: mine.keys.idText,
        case_pub: b64url(mine.keys.signPublic),
        attachments: attachments.map(({ entry }) => entry),
        log_key: b64url(mine.keys.logKeyHash),
    }
}

function payloadOf(draft: ReportDraft, panel: readonly string[]): ReportPayload {
    const { case: mine, roster, reach } = draft
    return {
        v: 1,
        org: mine.org,
        case: mine.keys.idText,
        case_pub: b64url(mine.keys.signPublic),
        case_log_key: b64url(mine.keys.logKey),
        manifest_draft: { panel, reach, roster: roster.sha256Text },
        answers: draft.answers,
        questions: draft.questions ?? undefined,
        attachments: draft.attachments.map(({ note }) => note),
        excluded: [...draft.excluded].sort(),
        earlier_disclosures: draft.earlierDisclosures,
        record: draft.record ?? undefined,
        imported: draft.imported && signImported(draft.imported.said, around(mine.org, mine.keys.id, draft.answers, draft.attachments.map(({ note }) => note)), draft.imported.seed),
        created: timestamp(draft.created),
    }
}

function around(org: string, caseId: Uint8Array, answers: ReportPayload["answers"], notes: readonly AttachmentNote[]) {
    return { org, caseId, answers, attachments: notes.map((note) => note.sha256) }
}

async function sealIdentity(draft: ReportDraft, panel: readonly string[]): Promise<Uint8Array | null> {
    if (draft.identity === null) return null
    const { case: mine, roster } = draft
    const { name, contact } = draft.identity
    const readers = externalsOf(roster, panel).map((person) => person.recipient as string)
    return seal("identity", mine.org, mine.keys.id, canonicalBytes({ name, contact }), [...readers, mine.replyRecipient])
}

export interface RecordDraft {
    readonly case: NewCase
    readonly answers: { readonly [question: string]: Json | undefined }
    /** Sealed with `forRecord`. */
    readonly attachments: readonly Attachment[]
    readonly created: Date
}

/** What PUT records/<case> takes besides `pow`. */
export interface RecordSubmission {
    readonly manifestBytes: Uint8Array
    readonly manifestSha256: Uint8Array
    readonly recordSha256: Uint8Array
    readonly body: Pick<SubmissionBody, "manifest" | "signature" | "event_key"> & { readonly record: string }
}

/** A private dated record: nobody but the twelve words opens it. */
export async function prepareRecord(draft: RecordDraft): Promise<RecordSubmission> {
    const { case: mine } = draft
    const payload: Json = {
        v: 1,
        org: mine.org,
        case: mine.keys.idText,
        answers: draft.answers,
        attachments: draft.attachments.map(({ note }) => note) as unknown as Json,
        created: timestamp(draft.created),
    }
    const record = await seal("record", mine.org, mine.keys.id, canonicalBytes(payload), [mine.replyRecipient])
    const recordSha256 = sha256(record)
    const manifest = recordManifestBytes({ ...common(mine, draft.attachments), record: b64url(recordSha256) })
    return {
        manifestBytes: manifest,
        manifestSha256: sha256(manifest),
        recordSha256,
        body: {
            manifest: b64url(manifest),
            signature: b64url(signManifest(manifest, mine.keys.signSeed)),
            event_key: b64url(mine.keys.eventKey),
            record: b64url(record),
        },
    }
}

export type MismatchCode =
    | "manifest-signature"
    | "manifest-not-logged"
    | "receipt"
    | "organisation"
    | "case"
    | "report-file"
    | "keys-file"
    | "identity-file"
    | "case-pub"
    | "log-key"
    | "draft"
    | "attachments"
    | "excluded-can-read"
    | "old-roster"
    | "unknown-roster"
    | "keys-signature"
    | "import-signature"
    | "clock"
    | PromiseFault

export interface Mismatch {
    readonly code: MismatchCode
    /** The refusal behind it, or the promise's id. */
    readonly detail?: string
}

/** As GET cases/<case> and GET mailbox give them, decoded. */
export interface SealedCase {
    readonly org: string
    /** From the address or list that led here, not from the manifest. */
    readonly caseId: Uint8Array
    readonly manifest: Uint8Array
    readonly signature: Uint8Array
    readonly report: Uint8Array
    /** Every keys file, any order. `author` is null and the signature too for epoch 0, which the manifest holds. */
    readonly keys: readonly SealedKeys[]
    readonly identity?: Uint8Array | null
    /** The chain as this browser checked it. */
    readonly rosters?: readonly Roster[]
    /** Receipt of report.received, with the policy to check it by. */
    readonly receipt?: string
    readonly policy?: Policy
}

export interface SealedKeys {
    readonly epoch: number
    readonly panel: readonly string[]
    readonly file: Uint8Array
    readonly author: string | null
    readonly signature: Uint8Array | null
}

export interface OpenedReport {
    readonly manifest: Manifest
    readonly report: ReportPayload
    /** What opened, the newest epoch that stands last; each opens what was sealed in its time. */
    readonly caseKeys: readonly CasePurposeKeys[]
    readonly caseIdentities: readonly string[]
    /** Of the newest epoch that stands: what the next message is sealed to. */
    readonly caseRecipient: string
    /** The panel of the newest epoch that stands; sorted ids. Notes are sealed to these and nobody else. */
    readonly panel: readonly string[]
    readonly logKey: Uint8Array
    readonly receipt: VerifiedReceipt | null
    readonly mismatches: readonly Mismatch[]
}

/**
 * Opens a case with a handler's identity, or with the reporter's reply identity, and holds everything against
 * everything (PROTOCOLS 2.6, "Handlers' browsers check on opening").
 *
 * Throws CannotOpen or Malformed where there is nothing to show; all else is a mismatch.
 */
export async function openReport(sealed: SealedCase, identity: string): Promise<OpenedReport> {
    const faults = new Faults()
    const manifest = parseManifest(sealed.manifest)
    faults.unless("manifest-signature", () => verifyManifest(sealed.manifest, sealed.signature))
    const standing = standingKeys(sealed, manifest)
    const keys = await openAllKeys(sealed, standing, identity)
    const caseIdentities = identitiesOf(keys)
    const report = readReport(await open("report", sealed.org, sealed.caseId, sealed.report, caseIdentities))
    checkFiles(sealed, manifest, faults)
    checkSealed(sealed, manifest, report, faults)
    checkRoster(sealed, manifest, faults)
    checkPanelChanges(sealed, report.excluded, faults)
    checkImported(sealed, report, faults)
    const logKey = unb64url(report.case_log_key, 32)
    const receipt = sealed.receipt === undefined ? null : checkLogged(sealed, logKey, faults)
    return {
        manifest,
        report,
        caseKeys: keys,
        caseIdentities,
        caseRecipient: await hybridRecipient((keys[keys.length - 1] as CasePurposeKeys).caseIdentity),
        panel: standing.length > 0 ? (standing[standing.length - 1] as SealedKeys).panel : manifest.panel,
        logKey,
        receipt,
        mismatches: faults.list,
    }
}

class Faults {
    readonly list: Mismatch[] = []

    add(code: MismatchCode, detail?: string): void {
        this.list.push(detail === undefined ? { code } : { code, detail })
    }

    when(fault: boolean, code: MismatchCode): void {
        if (fault) this.add(code)
    }

    unless<T>(code: MismatchCode, check: () => T): T | null {
        try {
            return check()
        } catch (error) {
            if (!(error instanceof CoreError)) throw error
            this.add(code, error.code)
            return null
        }
    }
}

/**
 * The keys files that the manifest and the panels' signatures stand behind, by epoch: a server that writes one of its own
 * (it knows every handler's recipient) must not become what the next answer is sealed to. Without rosters the caller has
 * chosen which to give.
 */
function standingKeys(sealed: SealedCase, manifest: Manifest): SealedKeys[] {
    const files = [...sealed.keys].sort((a, b) => a.epoch - b.epoch)
    const { rosters } = sealed
    if (rosters === undefined) return files
    const standing: SealedKeys[] = []
    let panel = manifest.panel
    let epoch = 0
    for (const keys of files) {
        const next =
            epoch === 0 ? keys.epoch === 0 && b64url(sha256(keys.file)) === manifest.keys : keys.epoch === epoch && changeStands(sealed, rosters, keys, panel)
        if (!next) continue
        if (epoch > 0) panel = keys.panel
        standing.push({ ...keys, panel })
        epoch += 1
    }
    return standing
}

/** Whether somebody of the panel before signed this change. A handler's key may have changed since: any roster's of hers will do. */
function changeStands(sealed: SealedCase, rosters: readonly Roster[], keys: SealedKeys, before: readonly string[] | null): boolean {
    if (keys.author === null || (before !== null && before.indexOf(keys.author) < 0)) return false
    const { panel, epoch } = keys
    const change = { org: sealed.org, caseId: sealed.caseId, panel, epoch, keysSha256: sha256(keys.file) }
    const signed = signKeysOf(rosters, keys.author)
    return signed.some((key) => holds(() => verifyPanelChange(change, keys.signature ?? new Uint8Array(0), key)))
}

/**
 * Every epoch that this identity opens: someone who joined later holds only the later ones. What does not stand may still
 * be what opens an old message, so it comes first and never decides what is sealed next.
 */
async function openAllKeys(sealed: SealedCase, standing: readonly SealedKeys[], identity: string): Promise<CasePurposeKeys[]> {
    const opened: CasePurposeKeys[] = []
    let refusal: unknown = new Refused("no-keys")
    const sound = new Set(standing.map(({ file }) => file))
    const others = sealed.keys.filter(({ file }) => !sound.has(file)).sort((a, b) => a.epoch - b.epoch)
    for (const { file } of [...others, ...standing]) {
        try {
            opened.push(await openKeys(sealed.org, sealed.caseId, file, identity))
        } catch (error) {
            refusal = error
        }
    }
    if (opened.length === 0) throw refusal
    return opened
}

/** Newest first, none twice. */
function identitiesOf(keys: readonly CasePurposeKeys[]): string[] {
    const all = new Set<string>()
    for (const { caseIdentity, earlier } of [...keys].reverse()) [caseIdentity, ...earlier].forEach((one) => all.add(one))
    return Array.from(all)
}

function readReport(payload: Uint8Array): ReportPayload {
    const shape = new Shape("bad-report")
    const members = shape.parse(payload)
    const draft = shape.object(members["manifest_draft"])
    return {
        v: shape.version(members["v"]),
        org: shape.org(members["org"]),
        case: shape.id(members["case"]),
        case_pub: shape.hash(members["case_pub"]),
        case_log_key: shape.hash(members["case_log_key"]),
        manifest_draft: {
            panel: shape.list(draft["panel"], (id) => shape.id(id)),
            reach: shape.list(draft["reach"], (rung) => shape.list(rung, (id) => shape.id(id))),
            roster: shape.hash(draft["roster"]),
        },
        answers: shape.object(members["answers"]),
        attachments: readAttachmentNotes(shape, members["attachments"]),
        excluded: shape.list(members["excluded"], (id) => shape.string(id)),
        earlier_disclosures: shape.list(members["earlier_disclosures"], (one) => {
            const told = shape.object(one)
            const optional = (name: string): string | null => shape.nullable(told[name] ?? null, (value) => shape.string(value))
            return { to: shape.string(told["to"]), on: optional("on"), person: optional("person") }
        }),
        questions: members["questions"] === undefined ? undefined : readAskedSet(shape, members["questions"]),
        record: members["record"] === undefined ? undefined : readCited(shape, members["record"]),
        imported: members["imported"] === undefined ? undefined : readImported(shape, members["imported"]),
        created: shape.time(members["created"]),
    }
}

function readCited(shape: Shape, value: Json): CitedRecord {
    const cited = shape.object(value)
    return { case: shape.id(cited["case"]), receipt: shape.string(cited["receipt"]) }
}

function checkFiles(sealed: SealedCase, manifest: Manifest, faults: Faults): void {
    const named = (hash: string, file: Uint8Array): boolean => b64url(sha256(file)) === hash
    faults.when(!named(manifest.report, sealed.report), "report-file")
    const first = sealed.keys.find((keys) => keys.epoch === 0)
    if (first !== undefined) faults.when(!named(manifest.keys, first.file), "keys-file")
    const { identity } = sealed
    if (identity === undefined) return
    const same = identity === null || manifest.identity === null ? identity === manifest.identity : named(manifest.identity, identity)
    faults.when(!same, "identity-file")
}

/** The signed manifest against what was sealed where the server cannot reach. */
function checkSealed(sealed: SealedCase, manifest: Manifest, report: ReportPayload, faults: Faults): void {
    faults.when(manifest.org !== sealed.org || report.org !== sealed.org, "organisation")
    const id = b64url(sealed.caseId)
    faults.when(manifest.case !== id || report.case !== id, "case")
    faults.when(manifest.case_pub !== report.case_pub, "case-pub")
    faults.when(manifest.log_key !== b64url(logKeyHash(unb64url(report.case_log_key))), "log-key")
    const { panel, reach, roster } = manifest
    const draft = { panel, reach, roster }
    faults.when(canonicalJson(draft as unknown as Json) !== canonicalJson(report.manifest_draft as unknown as Json), "draft")
    const listed = (files: readonly { readonly sha256: string }[]): string => files.map((file) => file.sha256).join()
    faults.when(listed(manifest.attachments) !== listed(report.attachments), "attachments")
    const readers = [...panel, ...reach.reduce<string[]>((all, rung) => [...all, ...rung], [])]
    faults.when(
        readers.some((reader) => report.excluded.indexOf(reader) >= 0),
        "excluded-can-read",
    )
}

function checkRoster(sealed: SealedCase, manifest: Manifest, faults: Faults): void {
    const { rosters } = sealed
    if (rosters === undefined) return
    const at = rosters.findIndex((roster) => roster.sha256Text === manifest.roster)
    if (at < 0) faults.add("unknown-roster")
    else if (at < rosters.length - 1) faults.add("old-roster")
}

function checkPanelChanges(sealed: SealedCase, excluded: readonly string[], faults: Faults): void {
    for (const keys of sealed.keys) {
        faults.when(
            keys.panel.some((id) => excluded.indexOf(id) >= 0) && keys.epoch > 0,
            "excluded-can-read",
        )
        if (keys.epoch === 0 || sealed.rosters === undefined) continue
        faults.when(!changeStands(sealed, sealed.rosters, keys, null), "keys-signature")
    }
}

function checkImported(sealed: SealedCase, { imported, answers, attachments }: ReportPayload, faults: Faults): void {
    if (imported === undefined || sealed.rosters === undefined) return
    const keys = signKeysOf(sealed.rosters, imported.by)
    faults.when(!importStands(imported, around(sealed.org, sealed.caseId, answers, attachments), keys), "import-signature")
}

function holds(check: () => void): boolean {
    try {
        check()
        return true
    } catch (error) {
        if (error instanceof CoreError) return false
        throw error
    }
}

/** Every Ed25519 key that this handler ever had on a roster. */
export function signKeysOf(rosters: readonly Roster[], handler: string | null): Uint8Array[] {
    const keys: Uint8Array[] = []
    for (const roster of rosters) {
        const sign = roster.people.find((person) => person.id === handler)?.sign ?? null
        if (sign !== null) keys.push(unb64url(sign, 32))
    }
    return keys
}

interface ReceivedPayload {
    readonly case: string
    readonly log_key: string
    readonly manifest: string
    readonly promises: readonly DuePromise[]
    readonly received: string
}

function readReceived(payload: Uint8Array): ReceivedPayload {
    const shape = new Shape("bad-receipt")
    const members = shape.parse(payload)
    return {
        case: shape.id(members["case"]),
        log_key: shape.hash(members["log_key"]),
        manifest: shape.hash(members["manifest"]),
        promises: shape.list(members["promises"], (one) => {
            const promise = shape.object(one)
            return { id: shape.string(promise["id"]), rule: shape.string(promise["rule"]), due: shape.time(promise["due"]) }
        }),
        received: shape.time(members["received"]),
    }
}

function checkLogged(sealed: SealedCase, logKey: Uint8Array, faults: Faults): VerifiedReceipt | null {
    return faults.unless("receipt", () => {
        if (sealed.policy === undefined) throw new Refused("unknown-log")
        const label = eventLabel(eventKey(logKey), 0)
        const expected = { org: sealed.org, type: "report.received", label, unwitnessed: true } as const
        const receipt = verifyReceipt(sealed.receipt as string, sealed.policy, expected)
        const payload = readReceived(receipt.payload)
        faults.when(payload.manifest !== b64url(sha256(sealed.manifest)), "manifest-not-logged")
        faults.when(payload.case !== b64url(sealed.caseId), "case")
        faults.when(payload.log_key !== b64url(logKeyHash(logKey)), "log-key")
        return receipt
    })
}

export interface ReceiptCheck {
    readonly policy: Policy
    readonly org: string
    readonly keys: CaseKeys
    readonly manifestSha256: Uint8Array
    /** Ids of the promises that were shown before she sent. */
    readonly promised: readonly string[]
    /** This browser's clock. */
    readonly now: Date
}

export interface CheckedReceipt {
    readonly receipt: VerifiedReceipt | null
    readonly received: string | null
    readonly promises: readonly DuePromise[]
    readonly mismatches: readonly Mismatch[]
}

/** Holds a fresh receipt of a report against what was sent and promised (PROTOCOLS 5). Never throws a CoreError. */
export function checkReceipt(receiptText: string, check: ReceiptCheck): CheckedReceipt {
    const faults = new Faults()
    const { policy, org, keys, now } = check
    const label = eventLabel(keys.eventKey, 0)
    const expected = { org, type: "report.received", label, unwitnessed: true } as const
    const receipt = faults.unless("receipt", () => verifyReceipt(receiptText, policy, expected))
    const payload = receipt === null ? null : faults.unless("receipt", () => readReceived(receipt.payload))
    if (payload === null) return { receipt: null, received: null, promises: [], mismatches: faults.list }
    faults.when(payload.manifest !== b64url(check.manifestSha256), "manifest-not-logged")
    faults.when(payload.case !== keys.idText, "case")
    faults.when(payload.log_key !== b64url(keys.logKeyHash), "log-key")
    const received = parseTime(payload.received)
    faults.when(Math.abs(received.getTime() - now.getTime()) > CLOCK_TOLERANCE_MS, "clock")
    for (const { code, promise } of checkPromises(payload.promises, received, check.promised)) faults.add(code, promise)
    return { receipt, received: payload.received, promises: payload.promises, mismatches: faults.list }
}

export interface RecordReceiptCheck extends Pick<ReceiptCheck, "policy" | "org" | "keys" | "now"> {
    /** SHA-256 of the sealed record file. */
    readonly recordSha256: Uint8Array
}

/** The same for a private record: its time and that it is this one. */
export function checkRecordReceipt(receiptText: string, check: RecordReceiptCheck): CheckedReceipt {
    const faults = new Faults()
    const { policy, org, keys, now } = check
    const label = eventLabel(keys.eventKey, 0)
    const expected = { org, type: "record.dated", label, unwitnessed: true } as const
    const receipt = faults.unless("receipt", () => verifyReceipt(receiptText, policy, expected))
    const received = receipt === null ? null : faults.unless("receipt", () => {
        const shape = new Shape("bad-receipt")
        const members = shape.parse(receipt.payload)
        faults.when(members["case"] !== keys.idText, "case")
        faults.when(members["record"] !== b64url(check.recordSha256), "manifest-not-logged")
        return shape.time(members["received"])
    })
    const late = received !== null && Math.abs(parseTime(received).getTime() - now.getTime()) > CLOCK_TOLERANCE_MS
    faults.when(late, "clock")
    return { receipt, received, promises: [], mismatches: faults.list }
}

export interface OpenedRecord {
    readonly manifest: RecordManifest
    readonly answers: { readonly [question: string]: Json | undefined }
    readonly attachments: readonly AttachmentNote[]
    readonly created: string
    readonly mismatches: readonly Mismatch[]
}

/** Opens a private record with the reply identity. */
export async function openRecord(
    sealed: Pick<SealedCase, "org" | "caseId" | "manifest" | "signature"> & { readonly record: Uint8Array },
    keys: CaseKeys,
): Promise<OpenedRecord> {
    const faults = new Faults()
    const manifest = parseRecordManifest(sealed.manifest)
    faults.unless("manifest-signature", () => verifyRecordManifest(sealed.manifest, sealed.signature))
    faults.when(manifest.case_pub !== b64url(keys.signPublic), "case-pub")
    faults.when(manifest.record !== b64url(sha256(sealed.record)), "report-file")
    faults.when(!equal(unb64url(manifest.log_key), keys.logKeyHash), "log-key")
    const shape = new Shape("bad-record")
    const members = shape.parse(await open("record", sealed.org, sealed.caseId, sealed.record, keys.replyIdentity))
    return {
        manifest,
        answers: shape.object(members["answers"]),
        attachments: readAttachmentNotes(shape, members["attachments"]),
        created: shape.time(members["created"]),
        mismatches: faults.list,
    }
}

/** The name and contact of a confidential reporter: external members of the panel, and herself. */
export async function openIdentity(
    org: string,
    caseId: Uint8Array,
    file: Uint8Array,
    identity: string,
): Promise<{ name: string; contact: string }> {
    const shape = new Shape("bad-identity")
    const members = shape.parse(await open("identity", org, caseId, file, identity))
    return { name: shape.string(members["name"]), contact: shape.string(members["contact"]) }
}
