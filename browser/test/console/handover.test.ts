import { strict as assert } from "node:assert"
import { test } from "node:test"
import { b64url, newId, sha256, unb64url } from "../../src/core/bytes.ts"
import { preparePanelChange, sealKeys, signPanelChange } from "../../src/core/keysfile.ts"
import { newHandlerKeys, publicHalves, type HandlerKeys } from "../../src/core/handlerkeys.ts"
import { openMessage, prepareMessage } from "../../src/core/message.ts"
import { parseRoster, rosterNote, rosterText } from "../../src/core/roster.ts"
import { panelAfter, waitsForHandover } from "../../src/console/handover.ts"
import { openCase, readersOf, type Reader } from "../../src/console/opencase.ts"
import type { CaseDetail, KeysRow, Leaving, MessageRow } from "../../src/console/types.ts"
import { lineOf, ORG, ROLES, submit, TinyLog, world, type Member } from "../core/world.ts"

const W = await world(ROLES)
const LOG = new TinyLog()
const [LEAD, ONE, TWO, EXTERNAL, THREE] = W.members as [Member, Member, Member, Member, Member]
const BEGAN = "2026-11-24T12:00:00Z"
const LATER = "2026-11-25T09:00:00Z"

const keysOf = ({ keys }: Member): HandlerKeys => keys as HandlerKeys
const ids = (...members: Member[]): string[] => members.map(({ person }) => person.id).sort()
const gone = (who: Member, why: Leaving["why"] = "left"): Leaving => ({ person: who.person.id, why, at: LATER })

function readerOf(who: Member): Reader {
    return { org: ORG, me: who.person.id, identity: keysOf(who).ageIdentity, policy: LOG.policy, rosters: [W.roster] }
}

async function begun(panel: readonly Member[], excluded: readonly Member[] = []) {
    const { mine, submission } = await submit(W, { panel: ids(...panel), excluded: ids(...excluded), reach: [[], [], []] })
    const { body } = submission
    const detail: CaseDetail = {
        case: mine.keys.idText, manifest: body.manifest, signature: body.signature, report: body.report, identity: null,
        keys: [{ epoch: 0, panel: ids(...panel), file: body.keys, author: null, signature: null, receipt: null, at: BEGAN }],
        received: BEGAN, closed: false, leaving: [], promises: [], attachments: [], messages: [], receipts: [], events: [], notes: [], flags: [], server_time: LATER,
    }
    return { mine, detail }
}

/** The case after `by` sealed it to `panel`; `to`: whom the file is really sealed to. */
async function changed(detail: CaseDetail, by: Member, panel: readonly Member[], to: readonly Member[] = panel): Promise<CaseDetail> {
    const open = await openCase(detail, readerOf(by))
    const caseId = unb64url(detail.case, 16)
    const made = await preparePanelChange({ org: ORG, caseId, roster: W.roster, before: open.panel, panel: ids(...panel), excluded: [], keys: open.keys, seed: keysOf(by).signSeed })
    let { file, signature } = made.body
    if (to !== panel) {
        const bytes = await sealKeys(ORG, caseId, made.keys, to.map(({ person }) => person.recipient as string))
        file = b64url(bytes)
        signature = b64url(signPanelChange({ org: ORG, caseId, panel: ids(...panel), epoch: made.body.epoch, keysSha256: sha256(bytes) }, keysOf(by).signSeed))
    }
    const row: KeysRow = { epoch: made.body.epoch, panel: ids(...panel), file, author: by.person.id, signature, receipt: null, at: LATER }
    return { ...detail, keys: [...detail.keys, row] }
}

async function written(detail: CaseDetail, by: Member, recipient: string, text: string, at: string): Promise<MessageRow> {
    const caseId = unb64url(detail.case, 16)
    const made = await prepareMessage({ org: ORG, caseId, author: by.person.id, seed: keysOf(by).signSeed, kind: "answer", promises: [], n: 0, prev: new Uint8Array(0), text, attachments: [], caseRecipient: recipient })
    return { ...made.body, author: by.person.id, sha256: b64url(made.sha256), at, receipt: "" }
}

test("who left opens nothing that is written after the handover, and who stays opens all of it", async () => {
    const { detail } = await begun([LEAD, ONE, EXTERNAL])
    const after = await changed({ ...detail, leaving: [gone(LEAD)] }, ONE, [ONE, EXTERNAL])
    const open = await openCase(after, readerOf(EXTERNAL))
    assert.deepEqual(open.mismatches, [])
    assert.deepEqual(open.panel, ids(ONE, EXTERNAL))
    assert.deepEqual(open.steps.map(({ left, author }) => [left, author]), [[ids(LEAD), ONE.person.id]])
    const row = await written(after, ONE, open.caseRecipient, "New.", LATER)
    const file = unb64url(row.file)
    const caseId = unb64url(after.case, 16)
    assert.equal((await openMessage({ org: ORG, caseId, caseIdentity: open.identities, file })).text, "New.")
    const old = await openCase(after, readerOf(LEAD))
    await assert.rejects(openMessage({ org: ORG, caseId, caseIdentity: old.identities, file }))
})

test("those who stay are the panel without the ones who left, and whoever was named as involved never joins", async () => {
    const { detail } = await begun([LEAD, ONE, EXTERNAL], [TWO])
    const open = await openCase({ ...detail, leaving: [gone(LEAD), gone(EXTERNAL, "stepped-down")] }, readerOf(ONE))
    assert.deepEqual(readersOf(open), ids(ONE))
    assert.deepEqual(panelAfter(open, W.roster, null), ids(ONE))
    assert.deepEqual(panelAfter(open, W.roster, THREE.person.id), ids(ONE, THREE))
    assert.deepEqual(panelAfter(open, W.roster, TWO.person.id), ids(ONE), "excluded")
    assert.deepEqual(panelAfter(open, W.roster, LEAD.person.id), ids(ONE), "the one who left")
    assert.deepEqual(panelAfter(open, W.roster, newId()), ids(ONE), "nobody of the roster")
})

test("an open case with an empty seat waits, a closed one or a whole panel does not", () => {
    assert.equal(waitsForHandover({ closed: false, leaving: [gone(LEAD)] }), true)
    assert.equal(waitsForHandover({ closed: true, leaving: [gone(LEAD)] }), false)
    assert.equal(waitsForHandover({ closed: false, leaving: [] }), false)
})

test("a change that names a reader and is sealed past them is said, to them alone", async () => {
    const { detail } = await begun([LEAD, ONE, EXTERNAL])
    const after = await changed(detail, ONE, [ONE, LEAD, EXTERNAL], [ONE, LEAD, THREE])
    assert.deepEqual((await openCase(after, readerOf(EXTERNAL))).mismatches, ["sealed-past"])
    assert.deepEqual((await openCase(after, readerOf(LEAD))).mismatches, [])
})

test("a message counts only while its author was on the panel", async () => {
    const { detail } = await begun([LEAD, ONE, EXTERNAL])
    const after = await changed(detail, ONE, [ONE, EXTERNAL, TWO])
    const open = await openCase(after, readerOf(ONE))
    const rows = [
        await written(after, LEAD, open.caseRecipient, "While there.", "2026-11-24T18:00:00Z"),
        await written(after, TWO, open.caseRecipient, "Since.", "2026-11-26T18:00:00Z"),
    ]
    const faults = async (messages: MessageRow[]) => (await openCase({ ...after, messages }, readerOf(ONE))).messages.map((one) => one.faults)
    assert.deepEqual(await faults(rows), [[], []])
    const swapped = rows.map((row, i) => ({ ...row, at: (rows[1 - i] as MessageRow).at }))
    assert.deepEqual(await faults(swapped), [["unknown-author"], ["unknown-author"]])
    const never = await written(after, THREE, open.caseRecipient, "Never.", LATER)
    assert.deepEqual(await faults([never]), [["unknown-author"]])
})

test("what was signed with an older key of its author's stays theirs", async () => {
    const { detail } = await begun([LEAD, ONE, EXTERNAL])
    const open = await openCase(detail, readerOf(ONE))
    const row = await written(detail, LEAD, open.caseRecipient, "With my old key.", LATER)
    const renewed = await renewedRoster(LEAD)
    const again = await openCase({ ...detail, messages: [row] }, { ...readerOf(ONE), rosters: [W.roster, renewed] })
    assert.deepEqual(again.messages[0]?.faults, [])
})

async function renewedRoster(who: Member) {
    const halves = await publicHalves(newHandlerKeys())
    const people = W.members.map(({ person }) => (person.id === who.person.id ? { ...person, ...halves } : person))
    const text = rosterText(ORG, 1, W.roster.sha256, people)
    return parseRoster(rosterNote(text, [ONE, EXTERNAL].map((one) => lineOf(text, one))))
}

