import { strict as assert } from "node:assert"
import { test } from "node:test"
import { newId } from "../../src/core/bytes.ts"
import type { HandlerKeys } from "../../src/core/handlerkeys.ts"
import {
    anchorFromHash,
    anchorOf,
    parseRoster,
    personIn,
    rosterChanges,
    rosterNote,
    rosterText,
    signRoster,
    signedSoFar,
    verifyChain,
    verifyLogged,
    type RosterPerson,
} from "../../src/core/roster.ts"
import { refuses } from "./help.ts"
import { ORG, ORIGIN, ROLES, TinyLog, lineOf, member, world, type Member } from "./world.ts"

const W = await world(ROLES)
const FIRST = W.note
const NEWCOMER = await member("handler", "newcomer")

function next(people: readonly RosterPerson[], signers: readonly Member[], changes: { number?: number; previous?: Uint8Array } = {}): string {
    const text = rosterText(ORG, changes.number ?? 1, changes.previous ?? W.roster.sha256, people)
    return rosterNote(text, signers.map((one) => lineOf(text, one)))
}

const by = (role: string, nth = 0): Member => W.members.filter(({ person }) => person.role === role)[nth] as Member
const PEOPLE = [...W.roster.people, NEWCOMER.person]
const chain = (notes: string[], anchor: string | null = anchorOf(W.roster.text)) => verifyChain(notes, { org: ORG, origin: ORIGIN, anchor })

test("a chain is followed from its anchor to its newest roster", () => {
    const second = next(PEOPLE, [by("handler"), by("external")])
    const found = chain([FIRST, second])
    assert.equal(found.newest.number, 1)
    assert.equal(found.anchored, true)
    assert.equal(found.newest.people.length, PEOPLE.length)
    assert.equal(chain([FIRST], null).anchored, false)
    assert.deepEqual(rosterChanges(found.first, found.newest), [{ id: NEWCOMER.person.id, change: "joined" }])
    assert.equal(personIn(found.newest, NEWCOMER.person.id).name.en, "newcomer")
    refuses(() => personIn(found.first, NEWCOMER.person.id), "not-in-roster")
})

test("another first roster than the poster's is refused", () => {
    refuses(() => chain([FIRST], "AAAAAAAAAAAAAAAAAAAAAA"), "other-roster")
    refuses(() => chain([]), "no-roster")
})

test("a first roster needs everyone's signature but overseers'", () => {
    const keyed = W.members.filter(({ keys }) => keys !== null)
    const short = rosterNote(W.roster.text, keyed.slice(1).map((one) => lineOf(W.roster.text, one)))
    refuses(() => chain([short]), "roster-signatures")
    assert.equal(signedSoFar(short, W.roster, ORIGIN).length, keyed.length - 1)
})

test("a later roster needs two handlers of the one before, one of them external", () => {
    for (const signers of [[by("handler")], [by("handler"), by("lead")], [by("external")], [by("external"), NEWCOMER]]) {
        refuses(() => chain([FIRST, next(PEOPLE, signers)]), "roster-signatures")
    }
    // The same person twice is one.
    refuses(() => chain([FIRST, next(PEOPLE, [by("external"), by("external")])]), "roster-signatures")
    chain([FIRST, next(PEOPLE, [by("external"), by("lead")])])
})

test("one key under two names is one signer", async () => {
    const twin: Member = { keys: by("external").keys, person: { ...by("external").person, id: newId(), role: "external" } }
    const people = [...W.roster.people, twin.person]
    const text = rosterText(ORG, 0, null, people)
    const all = [...W.members.filter(({ keys }) => keys !== null), twin]
    const note = rosterNote(text, all.map((one) => lineOf(text, one)))
    // The first counts keys too: a twin cannot be told from a missing signature.
    refuses(() => verifyChain([note], { org: ORG, origin: ORIGIN }), "roster-signatures")
})

test("a step that is left out, turned round or broken is refused", () => {
    const signers = [by("handler"), by("external")]
    const good = next(PEOPLE, signers)
    refuses(() => chain([FIRST, next(PEOPLE, signers, { number: 2 })]), "broken-chain")
    refuses(() => chain([FIRST, next(PEOPLE, signers, { previous: new Uint8Array(32) })]), "broken-chain")
    refuses(() => chain([good, FIRST], null), "broken-chain")
    refuses(() => chain([FIRST, FIRST]), "broken-chain")
    refuses(() => verifyChain([FIRST], { org: "otherwick", origin: ORIGIN }), "other-organisation")
    refuses(() => verifyChain([FIRST], { org: ORG, origin: "other.example/log/tidewick" }), "roster-signatures")
})

test("a signature that is changed refuses the roster, one by a stranger changes nothing", () => {
    const text = rosterText(ORG, 1, W.roster.sha256, PEOPLE)
    const lines = [by("handler"), by("external")].map((one) => lineOf(text, one))
    const wrong = signRoster(text + "", ORIGIN, by("lead").person.id, (NEWCOMER.keys as HandlerKeys).signSeed)
    chain([FIRST, rosterNote(text, [...lines, wrong])])
    const other = lineOf(rosterText(ORG, 1, W.roster.sha256, W.roster.people), by("lead"))
    refuses(() => chain([FIRST, rosterNote(text, [...lines, other])]), "bad-signature")
})

test("people without the keys of their role, twice, or with a weak key, are no roster", () => {
    const [first] = W.roster.people as [RosterPerson]
    const overseer = by("overseer").person
    const write = (people: RosterPerson[]): string => rosterText(ORG, 0, null, people)
    refuses(() => write([{ ...first, recipient: null }]), "bad-roster")
    refuses(() => write([{ ...first, sign: null }]), "bad-roster")
    refuses(() => write([{ ...overseer, recipient: first.recipient, sign: first.sign }]), "bad-roster")
    refuses(() => write([first, first]), "bad-roster")
    refuses(() => write([{ ...first, sign: "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }]), "bad-roster")
    refuses(() => write([{ ...first, recipient: "age1qqqq" }]), "bad-roster")
    refuses(() => write([{ ...first, id: "me" }]), "bad-roster")
    refuses(() => write([{ ...first, from: "2026-02-30" }]), "bad-roster")
    refuses(() => write([]), "bad-roster")
    refuses(() => rosterText("Tidewick", 0, null, [first]), "bad-roster")
    refuses(() => rosterText(ORG, 1, null, [first]), "bad-roster")
})

test("noise is never anything but our refusal", () => {
    for (let i = 0; i < 200; i++) {
        const cut = Math.floor((FIRST.length * i) / 200)
        refuses(() => parseRoster(FIRST.slice(0, cut)))
        refuses(() => chain([FIRST.slice(0, cut) + "x" + FIRST.slice(cut)]))
    }
})

test("the newest roster must be in the log, under its own hash", () => {
    const log = new TinyLog()
    const payload = { number: 0, org: ORG, roster: W.roster.sha256Text }
    assert.equal(verifyLogged(W.roster, log.receipt("roster.updated", payload, null), log.policy).index, 1)
    refuses(() => verifyLogged(W.roster, log.receipt("roster.updated", { ...payload, number: 1 }, null), log.policy), "roster-not-logged")
    refuses(() => verifyLogged(W.roster, log.receipt("counts", payload, null), log.policy), "other-type")
    refuses(() => verifyLogged(W.roster, log.receipt("roster.updated", payload, null, "otherwick"), log.policy), "other-organisation")
    refuses(() => verifyLogged(W.roster, new TinyLog().receipt("roster.updated", payload, null), log.policy), "unknown-log")
})

test("an anchor is found in an address, and a broken one is said", () => {
    const anchor = anchorOf(W.roster.text)
    assert.equal(anchorFromHash(`#r=${anchor}`), anchor)
    assert.equal(anchorFromHash(`#record&r=${anchor}`), anchor)
    assert.equal(anchorFromHash("#record"), null)
    assert.equal(anchorFromHash(""), null)
    refuses(() => anchorFromHash("#r=short"), "bad-anchor")
})
