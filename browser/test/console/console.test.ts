import { pointsOf } from "../../src/console/evidence.ts"
import { strict as assert } from "node:assert"
import { readdirSync, readFileSync } from "node:fs"
import { test } from "node:test"
import { b64url, newId, sha256, utf8 } from "../../src/core/bytes.ts"
import { codeName, codeNames } from "../../src/core/codename.ts"
import { newHandlerKeys, publicHalves } from "../../src/core/handlerkeys.ts"
import { rosterText, type RosterPerson } from "../../src/core/roster.ts"
import { draftText, keepDraft, openDrafts, sealDrafts, type SealedDraft } from "../../src/console/drafts.ts"
import { joinBundle, splitBundle, tilePath } from "../../src/console/logwatch.ts"
import { openCase, openTitle, titleOf, type Reader } from "../../src/console/opencase.ts"
import { changesOf, checkDraft, nextText, readDraft } from "../../src/console/rosterdraft.ts"
import { rememberRoster, watchRoster, type Shelf } from "../../src/console/rosterwatch.ts"
import { Session } from "../../src/console/session.ts"
import type { CaseDetail, InboxCase, RosterDraft } from "../../src/console/types.ts"
import { refuses } from "../core/help.ts"
import { lineOf, member, ORG, ORIGIN, ROLES, submit, TinyLog, world } from "../core/world.ts"
import { rosterNote } from "../../src/core/roster.ts"

const W = await world(ROLES)
const LOG = new TinyLog()

test("an open session locks itself when nobody was there for its minutes, and wipes the seed", () => {
    let at = 0
    const session = new Session(15, () => at)
    const keys = newHandlerKeys()
    let forgot = 0
    session.onLock(() => forgot++)
    session.open(keys)
    at = 10 * 60_000
    session.touch()
    at = 20 * 60_000
    assert.equal(session.check(), false)
    at = 25 * 60_000
    session.touch() // too late: a device that slept does not stay open because somebody comes back
    assert.equal(session.isOpen, false)
    assert.equal(forgot, 1)
    assert.ok(keys.signSeed.every((byte) => byte === 0))
    assert.throws(() => session.keys)
})

test("a draft outlives locking, sealed, and nothing of it stays readable meanwhile", async () => {
    const keys = newHandlerKeys()
    const drafts = new Map<string, SealedDraft>()
    const id = newId()
    keepDraft(drafts, id, "answer", "You need not go on Friday.")
    await sealDrafts(drafts, ORG, (await publicHalves(keys)).recipient)
    assert.equal(draftText(drafts, id, "answer"), "")
    assert.ok(!Buffer.from(drafts.get(`${id}/answer`)?.sealed ?? []).toString("latin1").includes("Friday"))
    await openDrafts(drafts, ORG, keys.ageIdentity)
    assert.equal(draftText(drafts, id, "answer"), "You need not go on Friday.")
})

test("a code name is the same every time, says no number, and two cases of a list never share one", () => {
    const ids = Array.from({ length: 400 }, () => newId())
    for (const language of ["en", "zh"] as const) {
        const names = codeNames(ids, language)
        assert.equal(new Set(names.values()).size, ids.length)
        for (const name of names.values()) assert.doesNotMatch(name, /\d/)
        assert.equal(codeName(ids[0] as string, language), codeName(ids[0] as string, language))
    }
})

test("every string of the console stands in both languages, and every one it asks for is written", () => {
    const read = (language: string) => JSON.parse(readFileSync(`pages/strings-console.${language}.json`, "utf8")) as Record<string, string>
    const [en, zh] = [read("en"), read("zh")]
    assert.deepEqual(Object.keys(en).sort(), Object.keys(zh).sort())
    const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort().join()
    for (const key of Object.keys(en)) assert.equal(places(en[key] as string), places(zh[key] as string), key)
    const files = readdirSync("src/console", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"))
    const code = files.map((name) => readFileSync(`src/console/${name}`, "utf8")).join("\n")
    for (const [, key] of code.matchAll(/\bt\("((?:console|when)\.[\w.-]+)"/g)) assert.ok(en[key as string], key)
    for (const [, key] of code.matchAll(/\bcount\("((?:console|when)\.[\w.-]+)"/g)) assert.ok(en[`${key}.other`] && zh[`${key}.other`], key)
})

test("a title is the first sentence, cut where a line ends", () => {
    assert.equal(titleOf("He kept filling my glass. I said no."), "He kept filling my glass")
    assert.equal(titleOf("主管一直敲门。我没有开。"), "主管一直敲门")
    assert.ok(Array.from(titleOf("很".repeat(90))).length <= 29)
})

test("tiles are named as C2SP has them, and a damaged bundle is refused", () => {
    assert.equal(tilePath(1234067, 256), "x001/x234/067")
    assert.equal(tilePath(0, 17), "000.p/17")
    const bundle = joinBundle(["one", "two"])
    assert.equal(splitBundle(bundle).length, 2)
    refuses(() => splitBundle(bundle.subarray(0, -1)), "bad-tile")
})

const next = async () => [...W.roster.people, (await member("handler", "newcomer")).person]
function draftOf(people: readonly RosterPerson[], changes: RosterDraft["changes"]): RosterDraft {
    return { number: 1, text: rosterText(ORG, 1, W.roster.sha256, people), signatures: [], needs: 2, waits_until: null, changes }
}

test("a draft is signed only if its text says what the server says of it", async () => {
    const people = await next()
    const newcomer = people[people.length - 1] as RosterPerson
    const draft = draftOf(people, [{ id: newcomer.id, change: "joined" }])
    assert.deepEqual(changesOf(W.roster, checkDraft(draft, W.roster, ORG)).map(({ change }) => change), ["joined"])
    refuses(() => checkDraft({ ...draft, changes: [] }, W.roster, ORG), "draft-differs")
    refuses(() => checkDraft(draft, W.roster, "saltholm"), "draft-organisation")
    refuses(() => checkDraft({ ...draft, number: 2 }, W.roster, ORG), "draft-number")
    refuses(() => checkDraft(draft, null, ORG), "draft-number")
})

test("the next roster keeps the day of who stays and leaves out who has no key", async () => {
    const newcomer = (await member("handler", "newcomer")).person
    const keyless = { ...newcomer, id: newId(), recipient: null, sign: null }
    const all = [...W.roster.people, newcomer, keyless]
    const roster = readDraft(nextText(ORG, W.roster, all, new Set(all.map(({ id }) => id)), "2026-12-01"))
    assert.equal(roster.people.length, W.roster.people.length + 1)
    assert.equal(roster.people.find(({ id }) => id === newcomer.id)?.from, "2026-12-01")
    assert.equal(roster.people[0]?.from, W.roster.people[0]?.from)
})

const memory = (): Shelf => {
    const held = new Map<string, string>()
    return { getItem: (key) => held.get(key) ?? null, setItem: (key, value) => void held.set(key, value) }
}
const noLog = { text: () => Promise.reject(new Error("offline")), bytes: () => Promise.reject(new Error("offline")) }

test("a roster that came without this person is shown; one taken back or replaced is an alarm", async () => {
    const shelf = memory()
    const me = W.roster.people[0] as RosterPerson
    const expect = { org: ORG, origin: ORIGIN, me: me.id, policy: LOG.policy, own: { recipient: me.recipient as string, sign: me.sign as string } }
    const look = (rosters: readonly string[]) => watchRoster({ rosters, receipt: null }, noLog, shelf, expect)
    const first = await look([W.note])
    assert.deepEqual(first.alarms.map(({ code }) => code), ["not-logged"])
    rememberRoster(shelf, ORG, first)
    const sign = (people: readonly RosterPerson[]) => {
        const text = rosterText(ORG, 1, W.roster.sha256, people)
        const others = W.members.filter(({ person }) => person.id !== me.id && person.role !== "overseer")
        return rosterNote(text, others.map((one) => lineOf(text, one)))
    }
    const second = await look([W.note, sign(await next())])
    assert.equal(second.unseen.length, 1)
    assert.deepEqual(second.unseen[0]?.changes.map(({ change }) => change), ["joined"])
    rememberRoster(shelf, ORG, second)
    assert.ok((await look([W.note])).alarms.some(({ code }) => code === "rolled-back"))
    assert.ok((await look([W.note, sign(await next())])).alarms.some(({ code }) => code === "replaced"))
    const other = await world(ROLES)
    assert.ok((await look([other.note])).alarms.some(({ code }) => code === "new-chain"))
    assert.deepEqual((await look([W.note.replace("handler", "handle")])).alarms.map(({ code }) => code), ["chain"])
})

async function opened(change: (detail: CaseDetail) => CaseDetail = (detail) => detail) {
    const { mine, submission, draft } = await submit(W)
    const { body } = submission
    const detail = {
        case: mine.keys.idText, manifest: body.manifest, signature: body.signature, report: body.report, identity: null,
        keys: [{ epoch: 0, panel: [...draft.panel].sort(), file: body.keys, author: null, signature: null, receipt: null, at: "2026-11-24T12:00:00Z" }],
        received: "2026-11-24T12:00:00Z", closed: false, leaving: [], promises: [], attachments: [], messages: [], receipts: [], events: [], notes: [], flags: [],
        server_time: "2026-11-24T12:00:00Z",
    } as CaseDetail
    const id = draft.panel[0] as string
    const reader: Reader = { org: ORG, me: id, identity: W.members.find(({ person }) => person.id === id)?.keys?.ageIdentity as string, policy: LOG.policy, rosters: [W.roster] }
    return { detail: change(detail), reader, draft, body }
}

test("a sound case opens for its panel without a mismatch, and shows its title", async () => {
    const { detail, reader, draft, body } = await opened()
    const open = await openCase(detail, reader)
    assert.deepEqual(open.mismatches, [])
    assert.deepEqual(open.panel, [...draft.panel].sort())
    const row = { case: detail.case, keys_file: body.keys, report: body.report } as InboxCase
    assert.equal(typeof (await openTitle(row, reader)), "string")
})

test("an outsider's key opens nothing, not even a title", async () => {
    const { detail, reader, body } = await opened()
    const outsider = { ...reader, identity: newHandlerKeys().ageIdentity }
    await assert.rejects(openCase(detail, outsider))
    assert.equal(await openTitle({ case: detail.case, keys_file: body.keys, report: body.report } as InboxCase, outsider), null)
})

test("a panel that is not the one signed for is a mismatch, and so is a forged message", async () => {
    const stranger = newId()
    const file = b64url(utf8("not a sealed file"))
    const { detail, reader } = await opened((one) => ({
        ...one,
        keys: one.keys.map((row) => ({ ...row, panel: [...row.panel, stranger].sort() })),
        messages: [{ author: "reporter", kind: "text", promises: [], n: 1, prev: "", file, sha256: b64url(sha256(utf8("not a sealed file"))), attachments: [], signature: b64url(new Uint8Array(64)), at: one.received, receipt: "" }],
    }))
    const open = await openCase(detail, reader)
    assert.ok(open.mismatches.includes("panel-author"))
    assert.equal(open.messages[0]?.payload, null)
    assert.ok(open.messages[0]?.faults.includes("bad-signature") && open.messages[0].faults.includes("gap"))
})

test("a small picture that would take gigabytes is told by its head", () => {
    const png = new Uint8Array(24)
    png.set([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10])
    new DataView(png.buffer).setUint32(16, 30_000)
    new DataView(png.buffer).setUint32(20, 30_000)
    assert.equal(pointsOf(png, "image/png"), 900_000_000)
    const gif = new Uint8Array([0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0x10, 0x27, 0x10, 0x27])
    assert.equal(pointsOf(gif, "image/gif"), 100_000_000)
    assert.equal(pointsOf(gif.subarray(0, 8), "image/gif"), null)
})
