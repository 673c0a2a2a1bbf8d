/**
 * The roster: who can be sealed to (PROTOCOLS 2.3).
 *
 * - text = "answerable/roster/v1", org, number, base64 SHA-256 of the text before ("-" for number 0), then
 *   one canonical JSON object a line
 * - signatures: key name "<origin>/handler/<id>"; the first roster by everyone on it but overseers, each
 *   later one by two handlers of the one before, one of them external if it had one
 * - a poster's "#r=" names the first roster; from there every step is checked, and the newest must be in
 *   the log
 */
import { b64, b64url, canonicalJson, equal, isOrg, sha256, unb64, unb64url, utf8, type Json } from "./bytes.ts"
import { checkRecipient } from "./recipient.ts"
import { CoreError, Malformed, Refused } from "./errors.ts"
import { noteKey, noteOf, noteSignature, parseNote, signers, type NoteKey } from "./note.ts"
import { verifyReceipt, type Policy, type VerifiedReceipt } from "./receipt.ts"
import { Shape, type Members } from "./shape.ts"
import { checkPublicKey } from "./sign.ts"

const FIRST_LINE = "answerable/roster/v1"
const ANCHOR_BYTES = 16
export const ROLES = ["handler", "lead", "external", "overseer"] as const
export type Role = (typeof ROLES)[number]

export interface Bilingual {
    readonly en: string
    readonly zh: string
}

export interface RosterPerson {
    /** 16 bytes, base64url. */
    readonly id: string
    readonly name: Bilingual
    readonly duty: Bilingual
    readonly languages: readonly string[]
    readonly role: Role
    /** age1pq1…; null for overseers. */
    readonly recipient: string | null
    /** Ed25519 public key, base64url; null for overseers. */
    readonly sign: string | null
    /** Day, YYYY-MM-DD. */
    readonly from: string
}

export interface Roster {
    readonly org: string
    readonly number: number
    readonly previous: Uint8Array | null
    readonly people: readonly RosterPerson[]
    /** What is hashed and signed. */
    readonly text: string
    readonly sha256: Uint8Array
    readonly sha256Text: string
    /** Text and signatures. */
    readonly note: string
}

/** The text of a roster; `people` in the order given. Throws Malformed "bad-roster". */
export function rosterText(org: string, number: number, previous: Uint8Array | null, people: readonly RosterPerson[]): string {
    const lines = [FIRST_LINE, org, String(number), previous === null ? "-" : b64(previous)]
    for (const person of people) {
        const { id, name, duty, languages, role, recipient, sign, from } = person
        lines.push(
            canonicalJson({
                id,
                name: { en: name.en, zh: name.zh },
                duty: { en: duty.en, zh: duty.zh },
                languages: [...languages],
                role,
                recipient,
                sign,
                from,
            }),
        )
    }
    const text = lines.join("\n") + "\n"
    parseText(text)
    return text
}

/** The signature line of one handler, LF included. */
export function signRoster(text: string, origin: string, handler: string, seed: Uint8Array): string {
    return noteSignature(text, keyName(origin, handler), seed)
}

export function rosterNote(text: string, signatureLines: readonly string[]): string {
    return noteOf(text, signatureLines)
}

function keyName(origin: string, handler: string): string {
    return `${origin}/handler/${handler}`
}

/** Reads one roster; its signatures are checked by `verifyChain`. Throws Malformed "bad-note" or "bad-roster". */
export function parseRoster(note: string): Roster {
    const { text } = parseNote(note)
    const hash = sha256(utf8(text))
    return { ...parseText(text), text, sha256: hash, sha256Text: b64url(hash), note }
}

type RosterBody = Pick<Roster, "org" | "number" | "previous" | "people">

function parseText(text: string): RosterBody {
    const shape = new Shape("bad-roster")
    const [first, org, number, previous, ...lines] = text.slice(0, -1).split("\n")
    if (text.charAt(text.length - 1) !== "\n" || first !== FIRST_LINE || !isOrg(org ?? "")) shape.fail()
    if (!/^(0|[1-9][0-9]{0,8})$/.test(number ?? "") || lines.length === 0) shape.fail()
    const people = lines.map((line) => readPerson(shape, shape.parse(line)))
    if (new Set(people.map((person) => person.id)).size !== people.length) shape.fail()
    const n = Number(number)
    if ((previous === "-") !== (n === 0)) shape.fail()
    return { org: org as string, number: n, previous: previous === "-" ? null : readHash(shape, previous as string), people }
}

function readHash(shape: Shape, s: string): Uint8Array {
    try {
        const hash = unb64(s)
        if (hash.length === 32) return hash
    } catch {
        // Not base64: the same refusal.
    }
    return shape.fail()
}

function readPerson(shape: Shape, line: Members): RosterPerson {
    const role = shape.oneOf(line["role"], ROLES)
    const recipient = shape.nullable(line["recipient"], (value) => readRecipient(shape, value))
    const sign = shape.nullable(line["sign"], (value) => readSign(shape, value))
    // An overseer never gets a key, everybody else always has both.
    if ((role === "overseer") !== (recipient === null) || (role === "overseer") !== (sign === null)) shape.fail()
    return {
        id: shape.id(line["id"]),
        name: readBilingual(shape, line["name"]),
        duty: readBilingual(shape, line["duty"]),
        languages: shape.list(line["languages"], (one) => shape.string(one)),
        role,
        recipient,
        sign,
        from: shape.day(line["from"]),
    }
}

function readBilingual(shape: Shape, value: Json | undefined): Bilingual {
    const both = shape.object(value)
    return { en: shape.string(both["en"]), zh: shape.string(both["zh"]) }
}

function readRecipient(shape: Shape, value: Json | undefined): string {
    const recipient = shape.string(value)
    try {
        checkRecipient(recipient)
    } catch {
        shape.fail()
    }
    return recipient
}

function readSign(shape: Shape, value: Json | undefined): string {
    const sign = shape.hash(value)
    try {
        checkPublicKey(unb64url(sign, 32))
    } catch {
        shape.fail()
    }
    return sign
}

export interface Chain {
    readonly first: Roster
    readonly newest: Roster
    /** Oldest first. */
    readonly rosters: readonly Roster[]
    /** Whether the first is the one that a poster or link named. */
    readonly anchored: boolean
}

export interface ChainExpectation {
    readonly org: string
    /** The log's origin, which key names begin with. */
    readonly origin: string
    /** The `#r=` value, if the page was opened with one. */
    readonly anchor?: string | null
}

/**
 * Checks every step from the first roster to the newest.
 *
 * Throws Refused "no-roster", "other-roster" (not the anchored chain), "broken-chain",
 * "roster-signatures" or "bad-signature"; Malformed for what is no roster.
 */
export function verifyChain(notes: readonly string[], expect: ChainExpectation): Chain {
    const rosters = notes.map(parseRoster)
    const first = rosters[0]
    const newest = rosters[rosters.length - 1]
    if (first === undefined || newest === undefined) throw new Refused("no-roster")
    const anchored = typeof expect.anchor === "string"
    if (anchored && anchorOf(first.text) !== expect.anchor) throw new Refused("other-roster")
    rosters.forEach((roster, i) => {
        const before = rosters[i - 1]
        if (roster.org !== expect.org) throw new Refused("other-organisation")
        if (roster.number !== i) throw new Refused("broken-chain")
        if (before === undefined) checkFirst(roster, expect.origin)
        else checkNext(roster, before, expect.origin)
    })
    return { first, newest, rosters, anchored }
}

function checkFirst(roster: Roster, origin: string): void {
    const keyed = roster.people.filter((person) => person.role !== "overseer")
    if (keyed.length === 0 || signedBy(roster, keyed, origin).length !== keyed.length) throw new Refused("roster-signatures")
}

function checkNext(roster: Roster, before: Roster, origin: string): void {
    if (roster.previous === null || !equal(roster.previous, before.sha256)) throw new Refused("broken-chain")
    const keyed = before.people.filter((person) => person.role !== "overseer")
    const signed = signedBy(roster, keyed, origin)
    const needsExternal = keyed.some((person) => person.role === "external")
    const enough = signed.length >= 2 && (!needsExternal || signed.some((person) => person.role === "external"))
    if (!enough) throw new Refused("roster-signatures")
}

/** Two people with one key would be one signer: the key counts, not the name. */
function signedBy(roster: Roster, people: readonly RosterPerson[], origin: string): RosterPerson[] {
    const keys: NoteKey[] = []
    const owners: RosterPerson[] = []
    for (const person of people) {
        const key = unb64url(person.sign as string, 32)
        if (keys.some((known) => equal(known.key, key))) continue
        keys.push(noteKey(keyName(origin, person.id), key))
        owners.push(person)
    }
    const signed = signers(parseNote(roster.note), keys)
    return owners.filter((_, i) => signed.indexOf(keys[i] as NoteKey) >= 0)
}

/** Which of `by`'s people have signed so far, for the console. */
export function signedSoFar(note: string, by: Roster, origin: string): string[] {
    return signedBy(
        parseRoster(note),
        by.people.filter((person) => person.role !== "overseer"),
        origin,
    ).map((person) => person.id)
}

/** What stands behind "#r=": base64url of the first 16 bytes of SHA-256(first roster text). */
export function anchorOf(firstRosterText: string): string {
    return b64url(sha256(utf8(firstRosterText)).subarray(0, ANCHOR_BYTES))
}

/** The anchor of a `location.hash`; null without one. Throws Malformed "bad-anchor". */
export function anchorFromHash(hash: string): string | null {
    const found = /(?:^#?|&)r=([^&]*)/.exec(hash)
    if (found === null) return null
    try {
        unb64url(found[1] as string, ANCHOR_BYTES)
    } catch (error) {
        if (error instanceof CoreError) throw new Malformed("bad-anchor")
        throw error
    }
    return found[1] as string
}

/** That this roster is in the log. Throws Refused "roster-not-logged" and what `verifyReceipt` throws. */
export function verifyLogged(roster: Roster, receipt: string, policy: Policy): VerifiedReceipt {
    const verified = verifyReceipt(receipt, policy, { org: roster.org, type: "roster.updated", unwitnessed: true })
    const shape = new Shape("bad-receipt")
    const payload = shape.parse(verified.payload)
    const same = payload["number"] === roster.number && payload["org"] === roster.org && payload["roster"] === roster.sha256Text
    if (!same) throw new Refused("roster-not-logged")
    return verified
}

export interface RosterChange {
    readonly id: string
    readonly change: "joined" | "left" | "new-key" | "role"
}

/** What a later roster changes, for people to look at before they sign. */
export function rosterChanges(before: Roster | null, after: Roster): RosterChange[] {
    const changes: RosterChange[] = []
    const old = new Map((before?.people ?? []).map((person) => [person.id, person]))
    for (const person of after.people) {
        const was = old.get(person.id)
        old.delete(person.id)
        if (was === undefined) changes.push({ id: person.id, change: "joined" })
        else if (was.recipient !== person.recipient || was.sign !== person.sign) changes.push({ id: person.id, change: "new-key" })
        else if (was.role !== person.role) changes.push({ id: person.id, change: "role" })
    }
    old.forEach((_, id) => changes.push({ id, change: "left" }))
    return changes
}

/** The person with this id. Throws Refused "not-in-roster". */
export function personIn(roster: Roster, id: string): RosterPerson {
    const person = roster.people.find((one) => one.id === id)
    if (person === undefined) throw new Refused("not-in-roster")
    return person
}
