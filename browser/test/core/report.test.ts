import { strict as assert } from "node:assert"
import { test } from "node:test"
import { b64url, canonicalBytes, newId, parseJson, sha256, unb64url, utf8, type Json } from "../../src/core/bytes.ts"
import { caseKeys, hybridIdentityText } from "../../src/core/casekeys.ts"
import type { HandlerKeys } from "../../src/core/handlerkeys.ts"
import { openKeys, preparePanelChange, sealKeys, signPanelChange } from "../../src/core/keysfile.ts"
import { eventLabel } from "../../src/core/labels.ts"
import { signManifest } from "../../src/core/manifest.ts"
import { checkThread, openMessage, prepareMessage, type ReceivedMessage } from "../../src/core/message.ts"
import {
    checkReceipt,
    checkRecordReceipt,
    newCase,
    openIdentity,
    openRecord,
    openReport,
    prepareRecord,
    sealAttachment,
    type SealedCase,
} from "../../src/core/report.ts"
import { inspect, newHybridIdentity, open, seal } from "../../src/core/sealed.ts"
import { refuses, refusesLater } from "./help.ts"
import { NOW, ORG, ROLES, TinyLog, member, sealWorld, sealedCase, submit, world } from "./world.ts"

const W = await world(ROLES)
const keysOf = (id: string): HandlerKeys => W.members.find(({ person }) => person.id === id)?.keys as HandlerKeys
const idsOf = (role: string): string[] => W.members.filter(({ person }) => person.role === role).map(({ person }) => person.id)

test("each of the panel, and the reporter, opens a report to the same words", async () => {
    const { mine, submission, draft } = await submit(W, { earlierDisclosures: [{ to: "my lead", on: null, person: null }], rungTold: 0 })
    const sealed = sealedCase(mine, submission, draft)
    for (const identity of [...draft.panel.map((id) => keysOf(id).ageIdentity), mine.keys.replyIdentity]) {
        const opened = await openReport(sealed, identity)
        assert.deepEqual(opened.mismatches, [])
        assert.equal(opened.report.answers["what"], "他说了不该说的话 \ufffd and more")
        assert.equal(opened.manifest.start_rung, 1)
        assert.deepEqual(opened.caseIdentities, [mine.caseIdentity])
        assert.equal(opened.caseRecipient, mine.caseRecipient)
        assert.deepEqual(opened.logKey, mine.keys.logKey)
    }
    assert.equal(inspect("keys", unb64url(submission.body.keys)).stanzas, draft.panel.length + 1)
    assert.equal(inspect("report", unb64url(submission.body.report)).stanzas, 1)
})

test("a handler who is not on the panel opens nothing", async () => {
    const out = idsOf("handler")[0] as string
    const { mine, submission, draft } = await submit(W, { excluded: [out] })
    assert.ok(!draft.panel.includes(out))
    await refusesLater(() => openReport(sealedCase(mine, submission, draft), keysOf(out).ageIdentity), "not-for-us")
})

test("nobody who was ticked can be put on the panel or in reach, and the panel must hold keys", async () => {
    const [one, two] = idsOf("handler") as [string, string]
    const lead = idsOf("lead")[0] as string
    await refusesLater(() => submit(W, { excluded: [one], panel: [one, two] }), "excluded")
    await refusesLater(() => submit(W, { excluded: [lead], panel: [two], reach: [[lead], [], []] }), "excluded")
    await refusesLater(() => submit(W, { panel: [idsOf("overseer")[0] as string] }), "not-in-roster")
    await refusesLater(() => submit(W, { panel: [newId()] }), "not-in-roster")
    await refusesLater(() => submit(W, { panel: [] }), "nobody")
    await refusesLater(() => submit(W, { panel: [one, two], identity: { name: "n", contact: "c" } }), "no-external")
})

test("a confidential reporter's name opens for the external member and herself alone", async () => {
    const identity = { name: "Lin", contact: "lin@example.org" }
    const { mine, submission, draft } = await submit(W, { identity })
    const file = unb64url(submission.body.identity as string)
    const external = idsOf("external")[0] as string
    for (const key of [keysOf(external).ageIdentity, mine.keys.replyIdentity]) {
        assert.deepEqual(await openIdentity(ORG, mine.keys.id, file, key), identity)
    }
    for (const id of draft.panel.filter((one) => one !== external)) {
        await refusesLater(() => openIdentity(ORG, mine.keys.id, file, keysOf(id).ageIdentity), "not-for-us")
    }
    assert.equal(inspect("identity", file).stanzas, 2)
})

test("whatever does not fit together is shown as a mismatch", async () => {
    const { mine, submission, draft } = await submit(W)
    const good = sealedCase(mine, submission, draft)
    const identity = mine.keys.replyIdentity
    const codes = async (changes: Partial<SealedCase>): Promise<string[]> =>
        (await openReport({ ...good, ...changes }, identity)).mismatches.map(({ code }) => code)
    const manifest = parseJson(good.manifest) as Record<string, Json>
    const resigned = (changes: Record<string, Json>): Partial<SealedCase> => {
        const bytes = canonicalBytes({ ...manifest, ...changes })
        return { manifest: bytes, signature: signManifest(bytes, mine.keys.signSeed) }
    }
    assert.deepEqual(await codes({ signature: new Uint8Array(64) }), ["manifest-signature"])
    assert.deepEqual(await codes({ manifest: canonicalBytes({ ...manifest, urgency: "now" }) }), ["manifest-signature"])
    assert.deepEqual(await codes(resigned({ report: b64url(new Uint8Array(32)) })), ["report-file"])
    assert.deepEqual(await codes(resigned({ keys: b64url(new Uint8Array(32)) })), ["keys-file"])
    assert.deepEqual(await codes(resigned({ identity: b64url(new Uint8Array(32)) })), ["identity-file"])
    assert.deepEqual(await codes(resigned({ log_key: b64url(new Uint8Array(32)) })), ["log-key"])
    assert.deepEqual(await codes(resigned({ org: "otherwick" })), ["organisation"])
    assert.deepEqual(await codes(resigned({ case: newId() })), ["case"])
    assert.deepEqual(await codes(resigned({ attachments: [{ sha256: b64url(new Uint8Array(32)), size: 1 }] })), ["attachments"])
    assert.deepEqual(await codes(resigned({ panel: [...draft.panel].slice(1) })), ["draft"])
    assert.deepEqual(await codes({ rosters: [] }), ["unknown-roster"])
    assert.deepEqual(await codes({ rosters: [W.roster, sealWorld(W.members).roster] }), ["old-roster"])
})

test("a manifest by another key is a mismatch", async () => {
    const { mine, submission, draft } = await submit(W)
    const other = caseKeys(new Uint8Array(16))
    const bytes = canonicalBytes({ ...(parseJson(unb64url(submission.body.manifest)) as Record<string, Json>), case_pub: b64url(other.signPublic) })
    const sealed = { ...sealedCase(mine, submission, draft), manifest: bytes, signature: signManifest(bytes, other.signSeed) }
    const { mismatches } = await openReport(sealed, mine.keys.replyIdentity)
    assert.deepEqual(mismatches.map(({ code }) => code), ["case-pub"])
})

test("a server that puts someone who was ticked on the panel is found out", async () => {
    const lead = idsOf("lead")[0] as string
    const { mine, submission, draft } = await submit(W, { excluded: [lead] })
    const manifest = parseJson(unb64url(submission.body.manifest)) as Record<string, Json>
    const bytes = canonicalBytes({ ...manifest, panel: [...draft.panel, lead].sort() })
    const sealed = { ...sealedCase(mine, submission, draft), manifest: bytes }
    const codes = (await openReport(sealed, mine.keys.replyIdentity)).mismatches.map(({ code }) => code)
    assert.deepEqual(codes, ["manifest-signature", "draft", "excluded-can-read"])
})

test("the log's receipt must be of this manifest, this case and this log", async () => {
    const log = new TinyLog()
    const { mine, submission, draft } = await submit(W)
    const sealed = { ...sealedCase(mine, submission, draft), policy: log.policy }
    const codes = async (receipt: string): Promise<string[]> =>
        (await openReport({ ...sealed, receipt }, mine.keys.replyIdentity)).mismatches.map(({ code, detail }) => code + (detail ?? ""))
    assert.deepEqual(await codes(log.received(mine, submission.manifestSha256)), [])
    assert.deepEqual(await codes(log.received(mine, new Uint8Array(32))), ["manifest-not-logged"])
    assert.deepEqual(await codes(new TinyLog().received(mine, submission.manifestSha256)), ["receiptunknown-log"])
    assert.deepEqual(await codes(log.received(await newCase(ORG), submission.manifestSha256)), ["receiptother-label"])
    assert.deepEqual(await codes("nonsense"), ["receiptbad-receipt"])
})

test("the reporter's browser complains of missing, late and unknown promises, and of a wrong clock", async () => {
    const log = new TinyLog()
    const { mine, submission } = await submit(W)
    const { manifestSha256 } = submission
    const check = (receipt: string, now = NOW, promised: string[] = []) =>
        checkReceipt(receipt, { policy: log.policy, org: ORG, keys: mine.keys, manifestSha256, promised, now })
    const good = check(log.received(mine, manifestSha256))
    assert.deepEqual(good.mismatches, [])
    assert.equal(good.promises.length, 3)
    assert.equal(good.receipt?.witnessed, false)
    const codes = (one: ReturnType<typeof check>): string[] => one.mismatches.map(({ code, detail }) => `${code} ${detail ?? ""}`.trim())
    assert.deepEqual(codes(check(log.received(mine, manifestSha256), NOW, ["eu-acknowledged"])), ["promise-missing eu-acknowledged"])
    assert.deepEqual(codes(check(log.received(mine, manifestSha256), new Date(NOW.getTime() + 301_000))), ["clock"])
    const promises = [
        { id: "own-acknowledged", rule: "r", due: "2026-11-25T12:00:01Z" },
        { id: "own-owner", rule: "r", due: "2026-11-25T12:00:00Z" },
        { id: "own-feedback", rule: "r", due: "2026-12-24T12:00:00Z" },
        { id: "constructor", rule: "r", due: "2026-12-24T12:00:00Z" },
    ]
    assert.deepEqual(codes(check(log.received(mine, manifestSha256, { promises }))), [
        "promise-too-late own-acknowledged",
        "promise-unknown constructor",
    ])
    assert.deepEqual(codes(check(log.received(mine, manifestSha256, { received: "yesterday" }))), ["receipt bad-receipt"])
})

test("attachments are listed where the server and where the panel look, and open to their bytes", async () => {
    const mine = await newCase(ORG)
    const blob = new Blob(["a picture"])
    const photo = await sealAttachment(mine, blob, { name: "合照.jpg", type: "image/jpeg" })
    const { submission, draft } = await submit(W, { case: mine, attachments: [photo], record: { case: newId(), receipt: "r" } })
    const opened = await openReport(sealedCase(mine, submission, draft), mine.keys.replyIdentity)
    assert.deepEqual(opened.mismatches, [])
    assert.deepEqual(opened.report.attachments, [photo.note])
    assert.deepEqual(opened.manifest.attachments, [photo.entry])
    assert.equal(opened.report.record?.receipt, "r")
    assert.equal(photo.note.size, blob.size)
    const sealed = await photo.sealed.read(0, photo.sealed.size)
    assert.equal(b64url(sha256(sealed)), photo.entry.sha256)
    assert.equal(new TextDecoder().decode(await open("attachment", ORG, mine.keys.id, sealed, opened.caseIdentities)), "a picture")
})

test("a private record opens with its own words only, and its receipt proves its day", async () => {
    const log = new TinyLog()
    const mine = await newCase(ORG)
    const photo = await sealAttachment(mine, new Blob(["x"]), { name: "x", type: "" }, { forRecord: true })
    const record = await prepareRecord({ case: mine, answers: { what: "for later" }, attachments: [photo], created: NOW })
    const sealed = {
        org: ORG,
        caseId: mine.keys.id,
        manifest: unb64url(record.body.manifest),
        signature: unb64url(record.body.signature),
        record: unb64url(record.body.record),
    }
    const opened = await openRecord(sealed, mine.keys)
    assert.deepEqual([opened.answers["what"], opened.mismatches], ["for later", []])
    await refusesLater(() => open("record", ORG, mine.keys.id, sealed.record, mine.caseIdentity), "not-for-us")
    const payload = { case: mine.keys.idText, received: "2026-11-24T12:00:00Z", record: b64url(record.recordSha256) }
    const receipt = log.receipt("record.dated", payload, eventLabel(mine.keys.eventKey, 0))
    const check = { policy: log.policy, org: ORG, keys: mine.keys, recordSha256: record.recordSha256, now: NOW }
    assert.deepEqual(checkRecordReceipt(receipt, check).mismatches, [])
    const other = checkRecordReceipt(receipt, { ...check, recordSha256: new Uint8Array(32) })
    assert.deepEqual(other.mismatches, [{ code: "manifest-not-logged" }])
})

test("the same words give the same case, and other words another", () => {
    const secret = sha256(utf8("words")).subarray(0, 16)
    const keys = caseKeys(secret)
    assert.deepEqual(caseKeys(secret), keys)
    assert.notEqual(caseKeys(new Uint8Array(16)).idText, keys.idText)
    assert.match(keys.replyIdentity, /^AGE-SECRET-KEY-PQ-1[A-Z0-9]+$/)
    refuses(() => caseKeys(new Uint8Array(15)))
    refuses(() => hybridIdentityText(new Uint8Array(31)))
})

test("messages open for the case, and a thread shows what was changed or left out", async () => {
    const { mine, draft } = await submit(W)
    const handler = draft.panel[0] as string
    const say = (author: string, n: number, prev: Uint8Array, text: string) =>
        prepareMessage({
            org: ORG,
            caseId: mine.keys.id,
            author,
            seed: author === "reporter" ? mine.keys.signSeed : keysOf(author).signSeed,
            kind: author === "reporter" ? "text" : "acknowledge",
            promises: author === "reporter" ? [] : ["own-acknowledged"],
            n,
            prev,
            text,
            attachments: [],
            caseRecipient: mine.caseRecipient,
        })
    const first = await say(handler, 0, new Uint8Array(0), "We have read it.")
    const second = await say("reporter", 0, first.sha256, "谢谢")
    const third = await say("reporter", 1, second.sha256, "more")
    const payload = await openMessage({ org: ORG, caseId: mine.keys.id, caseIdentity: mine.caseIdentity, file: second.file })
    assert.deepEqual(payload, { text: "谢谢", attachments: [], kind: "text" })
    const received = [first, second, third].map(({ body, sha256: hash }, i) => ({ ...body, sha256: b64url(hash), author: i === 0 ? handler : "reporter" }))
    const keyOf = (author: string): Uint8Array | null => {
        if (author === "reporter") return mine.keys.signPublic
        const sign = W.roster.people.find(({ id }) => id === author)?.sign
        return sign == null ? null : unb64url(sign)
    }
    const faults = (messages: ReceivedMessage[]) => checkThread(ORG, mine.keys.id, messages, keyOf).map(({ at, code }) => `${at} ${code}`)
    const [a, b, c] = received as unknown as [ReceivedMessage, ReceivedMessage, ReceivedMessage]
    assert.deepEqual(faults([a, b, c]), [])
    assert.deepEqual(faults([a, c]), ["1 unknown-prev", "1 gap"])
    assert.deepEqual(faults([b, c]), ["0 unknown-prev"])
    assert.deepEqual(faults([a, { ...b, author: handler }, c]), ["1 bad-signature", "2 gap"])
    assert.deepEqual(faults([a, { ...b, kind: "answer" }, c]), ["1 bad-signature"])
    assert.deepEqual(faults([{ ...a, promises: [] }, b]), ["0 bad-signature"])
    assert.deepEqual(faults([{ ...a, file: c.file }, b]), ["0 bad-hash"])
    assert.deepEqual(faults([{ ...a, author: newId() }, b]), ["0 unknown-author"])
    assert.deepEqual(faults([{ ...a, promises: ["x", "x"] }, b]), ["0 unreadable"])
    await refusesLater(() => openMessage({ org: ORG, caseId: mine.keys.id, caseIdentity: mine.caseIdentity, file: third.file.subarray(1) }))
})

test("who joins a panel reads from the beginning; who leaves reads nothing new; who was ticked never joins", async () => {
    const ticked = idsOf("handler")[2] as string
    const { mine, submission, draft } = await submit(W, { excluded: [ticked] })
    const signer = draft.panel[0] as string
    const leaves = draft.panel[1] as string
    const rest = draft.panel.filter((id) => id !== leaves)
    const base = { org: ORG, caseId: mine.keys.id, roster: W.roster, excluded: [ticked], seed: keysOf(signer).signSeed }
    const opened = await openKeys(ORG, mine.keys.id, unb64url(submission.body.keys), keysOf(signer).ageIdentity)
    await refusesLater(() => preparePanelChange({ ...base, before: draft.panel, panel: [signer, ticked], keys: opened }), "excluded")
    await refusesLater(() => preparePanelChange({ ...base, before: draft.panel, panel: [], keys: opened }), "nobody")
    const left = await preparePanelChange({ ...base, before: draft.panel, panel: rest, keys: opened })
    assert.notEqual(left.keys.caseIdentity, mine.caseIdentity)
    await refusesLater(() => openKeys(ORG, mine.keys.id, left.file, keysOf(leaves).ageIdentity), "not-for-us")

    const newcomer = await member("handler", "new")
    const bigger = sealWorld([...W.members, newcomer])
    const joined = await preparePanelChange({ ...base, roster: bigger.roster, before: rest, panel: [...rest, newcomer.person.id], keys: left.keys })
    assert.equal(joined.keys.caseIdentity, left.keys.caseIdentity)
    const keysFiles = [left, joined].map(({ body }) => ({ ...body, file: unb64url(body.file), author: signer, signature: unb64url(body.signature) }))
    const whole = sealedCase(mine, submission, draft)
    const sealed = { ...whole, keys: [...whole.keys, ...keysFiles], rosters: [W.roster, bigger.roster] }
    const theirs = await openReport({ ...sealed, rosters: [W.roster] }, (newcomer.keys as HandlerKeys).ageIdentity)
    assert.deepEqual(theirs.mismatches, [])
    assert.equal(theirs.report.answers["appear"], "anonymous")
    const hers = await openReport(sealed, mine.keys.replyIdentity)
    assert.deepEqual(hers.caseIdentities, [joined.keys.caseIdentity, mine.caseIdentity])

    const forged = { ...sealed, keys: sealed.keys.map((one) => ({ ...one, author: one.epoch === 0 ? null : leaves })) }
    const codes = (await openReport(forged, mine.keys.replyIdentity)).mismatches.map(({ code }) => code)
    assert.deepEqual(codes.filter((code) => code === "keys-signature").length, 2)
})

test("a keys file of the server's own making never becomes what the next answer is sealed to", async () => {
    const { mine, submission, draft } = await submit(W)
    const whole = sealedCase(mine, submission, draft)
    const member = draft.panel[0] as string
    const hers = W.members.find(({ person }) => person.id === member)?.person.recipient as string
    const evil = newHybridIdentity()
    const outsider = W.members.map(({ person }) => person.id).find((id) => !draft.panel.includes(id)) as string
    const file = await sealKeys(ORG, mine.keys.id, { caseIdentity: evil, replyRecipient: hers, epoch: 1, earlier: [] }, [hers])
    const forgeries = [
        { epoch: 1, panel: [...draft.panel, outsider].sort(), file, author: draft.panel[1] as string, signature: new Uint8Array(64) },
        { epoch: 1, panel: draft.panel, file, author: null, signature: null },
        { epoch: 0, panel: draft.panel, file, author: null, signature: null },
        // Signed, but by somebody who was not on the panel.
        {
            epoch: 1,
            panel: draft.panel,
            file,
            author: outsider,
            signature: signPanelChange(
                { org: ORG, caseId: mine.keys.id, panel: draft.panel, epoch: 1, keysSha256: sha256(file) },
                keysOf(outsider)?.signSeed ?? new Uint8Array(32),
            ),
        },
    ]
    for (const forged of forgeries) {
        const opened = await openReport({ ...whole, keys: [...whole.keys, forged] }, keysOf(member).ageIdentity)
        assert.equal(opened.caseRecipient, mine.caseRecipient)
        assert.equal(opened.caseKeys[opened.caseKeys.length - 1]?.caseIdentity, mine.caseIdentity)
        assert.equal(opened.caseIdentities[0], mine.caseIdentity)
        assert.deepEqual(opened.panel, draft.panel)
    }
})

test("a report whose payload is not ours is refused as malformed", async () => {
    const { mine, submission, draft } = await submit(W)
    const report = await seal("report", ORG, mine.keys.id, utf8('{"v":1}'), [mine.caseRecipient])
    await refusesLater(() => openReport({ ...sealedCase(mine, submission, draft), report }, mine.keys.replyIdentity), "bad-report")
})
