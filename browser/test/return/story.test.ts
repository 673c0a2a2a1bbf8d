/** A mailbox is believed only as far as the reporter's own browser can check it. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import { b64url, timestamp, unb64url } from "../../src/core/bytes.ts"
import { CoreError } from "../../src/core/errors.ts"
import { prepareMessage, REPORTER } from "../../src/core/message.ts"
import { policyOf } from "../../src/core/receipt.ts"
import { verifyChain } from "../../src/core/roster.ts"
import { tell, type Said, type Story } from "../../src/return/story.ts"
import { Case, newRecord, newWorld, ORG, type MailboxJson, type Member, type World } from "./world.ts"

const received = new Date("2026-11-03T21:14:09Z")
const later = (hours: number): Date => new Date(received.getTime() + hours * 3_600_000)

const world = await newWorld()
const [peiwen, lead, external, colm, mara] = world.members as [Member, Member, Member, Member, Member]

function worldOf(one: { mine: Case["mine"] }, w: World = world) {
    const chain = verifyChain([w.roster.note], { org: ORG, origin: w.origin })
    return { org: ORG, keys: one.mine.keys, policy: policyOf(w.log.vkey), chain }
}

async function answered(): Promise<Case> {
    const one = await Case.make(world, received)
    await one.answer(peiwen, "acknowledge", "Thank you for telling us.", later(12), ["own-acknowledged"])
    await one.answer(peiwen, "owner", "I am in charge now.", later(13), ["own-owner"])
    return one
}

const told = async (one: Case, change: (mailbox: MailboxJson) => void = () => undefined): Promise<Story> => {
    const mailbox = one.json()
    change(mailbox)
    return tell(mailbox, worldOf(one))
}
const messages = (story: Story): Said[] => story.entries.filter((entry): entry is Said => entry.what === "message")
const codes = (story: Story): string[] => story.faults.map(({ code }) => code)

test("an honest mailbox shows report, answers and kept promises, and no fault", async () => {
    const story = await told(await answered())
    assert.deepEqual(codes(story), [])
    assert.match(story.report.answers["what"] as string, /filling my glass/)
    assert.deepEqual(messages(story).map(({ text, by }) => [text, by?.name.en]), [["Thank you for telling us.", "Peiwen He"], ["I am in charge now.", "Peiwen He"]])
    assert.deepEqual(story.promises.filter(({ keptBy }) => keptBy).map(({ id }) => id), ["own-acknowledged", "own-owner"])
    assert.equal(timestamp(story.received), "2026-11-03T21:14:09Z")
    assert.ok(story.receipts.length >= 5 && story.receipts.every(({ verified }) => verified))
    assert.equal(story.panel.length, 4)
})

test("her own message counts on, and follows the newest file she saw", async () => {
    const one = await answered()
    const story = await told(one)
    assert.equal(story.next.n, 0)
    assert.equal(b64url(story.next.prev), one.messages[1]?.sha256)
})

test("a message whose signature was changed is not shown", async () => {
    const story = await told(await answered(), (mailbox) => {
        const bytes = unb64url((mailbox.messages[0] as { signature: string }).signature)
        bytes[3] = (bytes[3] as number) ^ 1
        Object.assign(mailbox.messages[0] as object, { signature: b64url(bytes) })
    })
    assert.equal(messages(story)[0]?.text, null)
    assert.deepEqual(messages(story)[0]?.trouble, ["bad-signature"])
    assert.ok(codes(story).includes("promise"), "and it keeps no promise")
})

test("a message given to another author is not shown", async () => {
    const story = await told(await answered(), (mailbox) => Object.assign(mailbox.messages[0] as object, { author: lead.person.id }))
    assert.equal(messages(story)[0]?.text, null)
})

test("a handler who is not on the panel says nothing here, though the roster knows the key", async () => {
    const one = await Case.make(world, received)
    await one.answer(mara, "acknowledge", "It was nothing.", later(2), ["own-acknowledged"])
    const story = await told(one)
    assert.deepEqual(messages(story)[0]?.trouble, ["unknown-author"])
    assert.equal(messages(story)[0]?.text, null)
    assert.ok(codes(story).includes("promise"))
})

test("a message left out leaves a gap that is said", async () => {
    const story = await told(await answered(), (mailbox) => void mailbox.messages.shift())
    assert.deepEqual([...(messages(story)[0]?.trouble ?? [])].sort(), ["gap", "unknown-prev"])
    assert.equal(messages(story)[0]?.text, "I am in charge now.", "what stands is still shown")
})

test("kept without a signed answer is said to be unproven", async () => {
    const one = await Case.make(world, received)
    const story = await told(one, (mailbox) => Object.assign(mailbox.promises[0] as object, { state: "kept", kept_at: timestamp(later(3)) }))
    assert.equal(story.promises[0]?.unproven, true)
    assert.deepEqual(story.faults, [{ code: "promise", about: "own-acknowledged" }])
})

test("a due date that moved is measured against the receipt, which counts", async () => {
    const story = await told(await answered(), (mailbox) => Object.assign(mailbox.promises[2] as object, { due: timestamp(later(24 * 60)) }))
    assert.deepEqual(story.faults, [{ code: "promise-moved", about: "own-feedback" }])
    assert.equal(story.promises[2]?.dueAt.getTime(), later(24 * 30).getTime())
})

test("a promise that vanished is missed", async () => {
    const story = await told(await answered(), (mailbox) => void mailbox.promises.splice(3, 1))
    assert.deepEqual(story.faults, [{ code: "promise-gone", about: "eu-feedback" }])
})

test("a receipt of another log, or of another case, proves nothing", async () => {
    const one = await answered()
    const other = await answered()
    const elsewhere = await newWorld()
    const foreign = await Case.make(elsewhere, received)
    for (const receipt of [other.receipts[0]?.receipt, foreign.receipts[0]?.receipt]) {
        const story = await told(one, (mailbox) => Object.assign(mailbox.receipts[0] as object, { receipt }))
        assert.ok(codes(story).includes("receipt-report"))
        assert.equal(story.receipts[0]?.verified, null)
    }
})

test("who joined is said, with who added them, and may answer from then on", async () => {
    const one = await answered()
    const fourth = world.members[4] as Member
    const fresh = await Case.make(world, received, { excluded: [] })
    await fresh.join(lead, fourth, later(30))
    await fresh.answer(fourth, "answer", "Hello.", later(31))
    const story = await told(fresh)
    assert.deepEqual(codes(story), [])
    const change = story.entries.find((entry) => entry.what === "panel")
    assert.deepEqual(change?.what === "panel" && [change.joined.map((person) => person?.name.en), change.by?.name.en], [["Mara Voss"], "Ruoyun Shen"])
    assert.equal(messages(story)[0]?.text, "Hello.")
    assert.equal(story.panel.length, 5)
    assert.ok(one)
})

test("someone she ticked who is added later is named as a fault", async () => {
    const one = await Case.make(world, received, { excluded: [mara] })
    await one.join(lead, mara, later(30))
    const story = await told(one)
    assert.deepEqual(story.faults, [{ code: "excluded", about: mara.person.id }])
})

test("a change signed by somebody outside the panel adds nobody", async () => {
    const one = await Case.make(world, received, { excluded: [] })
    await one.join(mara, mara, later(30))
    await one.answer(mara, "answer", "I read it.", later(31))
    const story = await told(one)
    assert.ok(codes(story).includes("panel"))
    assert.equal(story.panel.length, 4)
    assert.equal(messages(story)[0]?.text, null)
})

test("a list of readers that does not verify leaves no signature believed", async () => {
    const one = await answered()
    const story = await tell(one.json(), { ...worldOf(one), chain: null })
    assert.ok(codes(story).includes("roster"))
    assert.ok(messages(story).every(({ text }) => text === null))
    assert.match(story.report.answers["what"] as string, /glass/, "her own words are hers")
})

test("another's mailbox, or a manifest that is not hers, is refused whole", async () => {
    const [one, other] = [await answered(), await answered()]
    const swap = (mailbox: MailboxJson) => Object.assign(mailbox, { manifest: other.body.manifest, signature: other.body.signature })
    await assert.rejects(told(one, swap), (fault: unknown) => fault instanceof CoreError && fault.code === "other-manifest")
})

test("a report file that is not the one in the manifest is refused whole", async () => {
    const [one, other] = [await answered(), await answered()]
    await assert.rejects(told(one, (mailbox) => Object.assign(mailbox, { report: other.body.report })), CoreError)
})

test("a missed promise keeps where it went; made up later it is late", async () => {
    const one = await Case.make(world, received)
    one.miss("own-acknowledged", 3)
    assert.deepEqual((await told(one)).escalations.map(({ promise, rung }) => [promise, rung]), [["own-acknowledged", 3]])
    await one.answer(external, "acknowledge", "This is our doing.", later(37), ["own-acknowledged"])
    const story = await told(one)
    assert.equal(story.promises[0]?.state, "late")
    assert.equal(story.promises[0]?.keptBy?.by?.name.en, "Zhiyao Lu")
    assert.deepEqual(codes(story), [])
})

test("a closed case carries its reason", async () => {
    const one = await answered()
    await one.answer(colm, "close", "It was decided on 2 December.", later(700), ["own-feedback"])
    const story = await told(one)
    assert.equal(story.closed, true)
    assert.equal(story.closedBy?.text, "It was decided on 2 December.")
})

test("a private record opens with her words alone, and its receipt dates it", async () => {
    const record = await newRecord(world, received)
    const story = await tell(record.json, worldOf(record))
    assert.equal(story.kind, "record")
    assert.equal(story.report.answers["what"], "He said it again today.")
    assert.deepEqual(codes(story), [])
    assert.equal(timestamp(story.received), timestamp(received))
})

test("her own message, told by the hour only, stays behind the answer it replies to", async () => {
    const one = await answered()
    const mailbox = one.json()
    const own = await prepareMessage({ org: ORG, caseId: one.mine.keys.id, author: REPORTER, seed: one.mine.keys.signSeed, kind: "text", promises: [], n: 0, prev: one.newest(), text: "Mine.", attachments: [], caseRecipient: one.mine.caseRecipient })
    one.add(REPORTER, own.body, b64url(own.sha256), later(13.5))
    mailbox.messages = one.json().messages
    Object.assign(mailbox.messages[2] as object, { at: timestamp(new Date(Math.floor(later(13.5).getTime() / 3_600_000) * 3_600_000 - 3_600_000)) })
    const story = await tell(mailbox, worldOf(one))
    assert.deepEqual(messages(story).map(({ text }) => text), ["Thank you for telling us.", "I am in charge now.", "Mine."])
    assert.deepEqual(codes(story), [])
})

test("an answer whose label somebody had spent keeps its promise all the same", async () => {
    const one = await answered()
    const random = (mailbox: MailboxJson) => {
        const kept = mailbox.receipts.find(({ type }) => type === "promise.kept") as MailboxJson["receipts"][number]
        const { author, kind, n, prev, promises, sha256: reply, signature: sig } = mailbox.messages[0] as MailboxJson["messages"][number]
        const payload = { author, case: mailbox.case, kind, n, prev, promise: promises[0] as string, promises, reply, sig }
        kept.receipt = world.log.receipt(world.log.append("promise.kept", payload, crypto.getRandomValues(new Uint8Array(32)), received))
    }
    assert.deepEqual(codes(await told(one, random)), [])
    const unheard = (mailbox: MailboxJson) => {
        random(mailbox)
        Object.assign(mailbox.messages[0] as object, { signature: b64url(new Uint8Array(64)) })
    }
    assert.ok(codes(await told(one, unheard)).includes("receipt-other"))
})

test("who left is marked, and a panel of which nobody is left is said to be that", async () => {
    const one = await answered()
    const panel = one.json().keys[0]?.panel as string[]
    const leave = (who: readonly string[]) => (mailbox: MailboxJson) => Object.assign(mailbox, { leaving: who.map((person) => ({ person, why: "left", at: timestamp(later(40)) })) })
    const some = await told(one, leave(panel.slice(0, 1)))
    assert.deepEqual([...some.leaving], [[panel[0], "left"]])
    assert.equal(some.nobody, false)
    assert.equal((await told(one, leave(panel))).nobody, true)
    assert.equal((await told(one)).nobody, false)
})
