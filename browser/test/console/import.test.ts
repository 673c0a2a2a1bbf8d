import { strict as assert } from "node:assert"
import { test } from "node:test"
import { deflateRawSync } from "node:zlib"
import { b64url, concat, sha256, unb64url, utf8 } from "../../src/core/bytes.ts"
import type { HandlerKeys } from "../../src/core/handlerkeys.ts"
import { openReport } from "../../src/core/report.ts"
import { casesOfCsv, parseCsv } from "../../src/console/import/csv.ts"
import type { Found } from "../../src/console/import/found.ts"
import { caseOfZip, casesOfJson, joined } from "../../src/console/import/globaleaks.ts"
import { Marks, sealFound, type Plan } from "../../src/console/import/run.ts"
import { crc32, readZip } from "../../src/console/import/zip.ts"
import { ORG, ROLES, world, type Member } from "../core/world.ts"

const W = await world(ROLES)
const [LEAD, ONE, TWO, EXTERNAL] = W.members as [Member, Member, Member, Member]
const keysOf = ({ keys }: Member): HandlerKeys => keys as HandlerKeys

/** As GlobaLeaks writes it: sizes after the data, a central directory at the end. */
function zip(files: Record<string, string>, spoil: (data: Uint8Array) => Uint8Array = (data) => data): Uint8Array {
    const parts: Uint8Array[] = []
    const central: Uint8Array[] = []
    let at = 0
    for (const [name, text] of Object.entries(files)) {
        const [plain, named] = [utf8(text), utf8(name)]
        const packed = spoil(new Uint8Array(deflateRawSync(plain)))
        const sums = numbers(4, crc32(plain), packed.length, plain.length)
        const local = concat(numbers(4, 0x04034b50), numbers(2, 20, 0x808, 8, 0, 0), numbers(4, 0, 0, 0), numbers(2, named.length, 0), named, packed, numbers(4, 0x08074b50), sums)
        central.push(concat(numbers(4, 0x02014b50), numbers(2, 20, 20, 0x808, 8, 0, 0), sums, numbers(2, named.length, 0, 0, 0, 0), numbers(4, 0, at), named))
        parts.push(local)
        at += local.length
    }
    const directory = concat(...central)
    return concat(...parts, directory, numbers(4, 0x06054b50), numbers(2, 0, 0, central.length, central.length), numbers(4, directory.length, at), numbers(2, 0))
}

function numbers(bytes: 2 | 4, ...values: number[]): Uint8Array {
    const view = new DataView(new ArrayBuffer(bytes * values.length))
    values.forEach((value, i) => (bytes === 2 ? view.setUint16(i * 2, value, true) : view.setUint32(i * 4, value, true)))
    return new Uint8Array(view.buffer)
}

test("a CSV gives its cases with their old dates as words, and names every bad row by its line", () => {
    const csv = [
        "Number,Received,Text,Status,Department,Files",
        '7,2019-02-30,"He said it again.\nIn front of all, ""loudly"".",open,Sales,note.txt',
        "8,2020,,open,Sales,",
        "9,2020,Second,open,Sales,gone.pdf",
        "10,2020,Third,open,Sales,,more",
        "11,,Fourth,,,",
    ].join("\r\n")
    const { found, faults } = casesOfCsv("old.csv", utf8("\ufeff" + csv), new Map([["note.txt", new Blob(["hello"])]]))
    assert.deepEqual(found.map(({ reference, line }) => [reference, line]), [["7", 2], ["11", 7]])
    assert.equal(found[0]?.what, 'He said it again.\nIn front of all, "loudly".')
    assert.deepEqual(found[0]?.stated, { received: "2019-02-30", changed: "", status: "open" })
    assert.deepEqual(found[0]?.fields, [{ label: "Department", text: "Sales" }])
    assert.deepEqual(found[0]?.files.map(({ name }) => name), ["note.txt"])
    assert.deepEqual(faults.map(({ line, code, detail }) => [line, code, detail ?? ""]), [[4, "no-text", ""], [5, "no-file", "gone.pdf"], [6, "too-many-cells", ""]])
})

test("a CSV in Chinese with semicolons is read, one in GBK or without its text is refused by name", () => {
    const { found, faults } = casesOfCsv("旧.csv", utf8("编号;内容;收到日期\n甲一;他又说了一次;去年秋天\n"), new Map())
    assert.deepEqual(faults, [])
    assert.deepEqual(found.map(({ reference, what, stated }) => [reference, what, stated.received]), [["甲一", "他又说了一次", "去年秋天"]])
    const gbk = Uint8Array.of(0xc4, 0xda, 0xc8, 0xdd, 10, 0xcb, 0xfb)
    assert.deepEqual(casesOfCsv("gbk.csv", gbk, new Map()).faults.map(({ code }) => code), ["bad-encoding"])
    assert.deepEqual(casesOfCsv("x.csv", utf8("a,b\n1,2"), new Map()).faults, [{ file: "x.csv", line: 1, code: "no-text-column" }])
    assert.deepEqual(casesOfCsv("x.csv", utf8('text\n"begins\nand goes on'), new Map()).faults, [{ file: "x.csv", line: 2, code: "open-quote" }])
})

test("whatever a file holds, the readers answer with cases and faults, and never throw", async () => {
    const hostile = [utf8(""), utf8("null"), utf8("[1,{}]"), utf8('{"questionnaires":[{"steps":3,"answers":{"a":[null]}}]}'), utf8('"'), utf8("text\n\u0000"), new Uint8Array(100), utf8("PK\u0005\u0006" + "x".repeat(18))]
    let state = 7
    for (let i = 0; i < 200; i++) {
        const whole = zip({ "report.txt": "Words.", "files/a.txt": "A" })
        for (let k = 0; k < 3; k++) whole[(state = (state * 48271) % 2147483647) % whole.length] = state & 255
        hostile.push(whole)
    }
    for (const bytes of hostile) {
        for (const { found, faults } of [casesOfCsv("a.csv", bytes, new Map()), casesOfJson("a.json", bytes), await caseOfZip("a.zip", bytes, async () => "")]) {
            assert.ok(Array.isArray(found) && Array.isArray(faults))
        }
    }
})

const TIP = {
    id: "0d8f", progressive: 7, creation_date: "2024-03-05T10:11:12Z", update_date: "2024-06-01T00:00:00Z", status: "opened",
    questionnaires: [{
        steps: [{ order: 0, label: "Step 1", children: [
            { id: "f2", type: "textarea", label: "What happened?", y: 1, x: 0 },
            { id: "f1", type: "selectbox", label: "Where?", y: 0, x: 0, options: [{ id: "o1", label: "Office" }, { id: "o2", label: "Elsewhere" }] },
            { id: "f3", type: "checkbox", label: "Who saw it?", y: 2, x: 0, options: [{ id: "o3", label: "Colleagues" }, { id: "o4", label: "Nobody" }] },
            { id: "f4", type: "fieldgroup", label: "More", y: 3, x: 0, children: [{ id: "f5", type: "inputbox", label: "Room", y: 0, x: 0 }] },
        ] }],
        answers: { f1: [{ value: "o2" }], f2: [{ value: "He waited at the lift, and would not let me pass." }], f3: [{ o3: true, o4: false }], f4: [{ f5: [{ value: "B 12" }] }] },
    }],
    comments: [{ creation_date: "2024-03-06T08:00:00Z", content: "Thank you for telling us.", author_id: "r1" }],
}

test("a GlobaLeaks report comes with its answers in order, its comments, and its dates as stated", () => {
    const { found, faults } = casesOfJson("rtips.json", utf8(JSON.stringify([TIP, { id: "x" }])))
    assert.deepEqual(faults.map(({ code }) => code), ["no-report"])
    assert.equal(found[0]?.what, "He waited at the lift, and would not let me pass.")
    assert.deepEqual(found[0]?.fields, [
        { label: "Where?", text: "Elsewhere" },
        { label: "Who saw it?", text: "Colleagues" },
        { label: "Room", text: "B 12" },
        { label: "GlobaLeaks: recipient, 2024-03-06T08:00:00Z", text: "Thank you for telling us." },
    ])
    assert.deepEqual(found[0]?.stated, { received: "2024-03-05T10:11:12Z", changed: "2024-06-01T00:00:00Z", status: "opened" })
})

test("a GlobaLeaks archive gives its words and files, and joins the JSON of its number", async () => {
    const archive = zip({ "files/photo.jpg": "JPEG", "files_attached_from_recipients/letter.txt": "Letter", "metadata.csv": "name", "report.txt": "Report 7\r\nHe waited." })
    assert.deepEqual(readZip(archive).map(({ name }) => name).length, 4)
    const { found } = await caseOfZip("report-7.zip", archive, async () => "")
    assert.equal(found[0]?.what, "Report 7\nHe waited.")
    assert.deepEqual(found[0]?.files.map(({ name }) => name), ["photo.jpg", "letter.txt"])
    const both = joined([...casesOfJson("r.json", utf8(JSON.stringify(TIP))).found, ...found])
    assert.equal(both.length, 1)
    assert.equal(both[0]?.what, "He waited at the lift, and would not let me pass.")
    assert.equal(await both[0]?.files[0]?.blob.text(), "JPEG")
    const pdf = await caseOfZip("report-8.zip", zip({ "report.pdf": "%PDF" }), async () => "From the PDF.")
    assert.equal(pdf.found[0]?.what, "From the PDF.")
    assert.deepEqual(pdf.found[0]?.files.map(({ name }) => name), ["report.pdf"])
    const spoilt = zip({ "report.txt": "Words enough to be packed, and packed, and packed." }, (data) => data.map((byte, i) => (i === 8 ? byte ^ 1 : byte)))
    assert.deepEqual((await caseOfZip("r.zip", spoilt, async () => "")).faults.map(({ code }) => code), ["bad-zip"])
    assert.deepEqual((await caseOfZip("r.zip", zip({ "notes.txt": "x" }), async () => "")).faults.map(({ code }) => code), ["no-report"])
})

const FOUND: Found = {
    source: "csv", file: "old.csv", line: 2, reference: "7", stated: { received: "5 March 2019", changed: "", status: "open" },
    what: "Sentinel: cobalt-jetty.", fields: [{ label: "部门", text: "销售" }], files: [{ name: "note.txt", type: "text/plain", blob: new Blob(["cobalt file"]) }],
}
const plan = (words: boolean): Plan => ({ org: ORG, roster: W.roster, gone: [], by: ONE.person.id, seed: keysOf(ONE).signSeed, jurisdiction: null, words, now: new Date("2026-11-24T12:00:00Z") })
const CHOICE = { panel: [ONE.person.id, EXTERNAL.person.id], excluded: [TWO.person.id, LEAD.person.id] }

async function opened(words: boolean, who: Member = EXTERNAL) {
    const sealed = await sealFound(FOUND, CHOICE, plan(words))
    const { body } = sealed.submission
    const parts = {
        org: ORG, caseId: unb64url(sealed.case, 16), manifest: unb64url(body.manifest), signature: unb64url(body.signature), report: unb64url(body.report),
        keys: [{ epoch: 0, panel: [...CHOICE.panel].sort(), file: unb64url(body.keys), author: null, signature: null }], identity: null, rosters: [W.roster],
    }
    return { sealed, report: await openReport(parts, keysOf(who).ageIdentity) }
}

test("an imported case opens for the panel chosen, says who brought it in, and keeps the involved out of panel and reach", async () => {
    const { report, sealed } = await opened(false)
    assert.deepEqual(report.mismatches, [])
    assert.deepEqual(report.report.imported?.stated, FOUND.stated)
    assert.deepEqual(report.report.imported?.fields, FOUND.fields)
    assert.equal(report.report.imported?.by, ONE.person.id)
    assert.equal(report.report.created, "2026-11-24T12:00:00Z")
    assert.ok(![...report.manifest.panel, ...report.manifest.reach.flat()].some((id) => CHOICE.excluded.includes(id)))
    const sent = JSON.stringify(sealed.submission.body)
    for (const words of ["cobalt", "March", "old.csv", "note.txt"]) assert.ok(!sent.includes(words) && !sent.includes(b64url(utf8(words))))
    await assert.rejects(opened(false, TWO))
})

test("nobody can put an import down to somebody else", async () => {
    const { sealed } = await opened(false)
    const forged = await sealFound(FOUND, CHOICE, { ...plan(false), seed: keysOf(EXTERNAL).signSeed })
    const { body } = forged.submission
    const report = await openReport(
        { org: ORG, caseId: unb64url(forged.case, 16), manifest: unb64url(body.manifest), signature: unb64url(body.signature), report: unb64url(body.report), keys: [{ epoch: 0, panel: [...CHOICE.panel].sort(), file: unb64url(body.keys), author: null, signature: null }], identity: null, rosters: [W.roster] },
        keysOf(ONE).ageIdentity,
    )
    assert.deepEqual(report.mismatches.map(({ code }) => code), ["import-signature"])
    assert.notEqual(sealed.case, forged.case)
})

test("without words the secret is forgotten; with words it opens the case's mailbox keys", async () => {
    assert.equal((await opened(false)).sealed.secret, null)
    const { sealed, report } = await opened(true)
    assert.equal(sealed.secret?.length, 16)
    assert.ok(sealed.secret?.some((byte) => byte !== 0))
    assert.equal(report.report.imported?.words, true)
})

test("what was brought in is known again on this device, to its handler alone, and nothing of it is readable there", () => {
    const stored = new Map<string, string>()
    const shelf = { getItem: (key: string) => stored.get(key) ?? null, setItem: (key: string, value: string) => void stored.set(key, value) }
    new Marks(shelf, ORG, keysOf(ONE).signSeed).set(FOUND, "case-id")
    assert.equal(new Marks(shelf, ORG, keysOf(ONE).signSeed).of(FOUND), "case-id")
    assert.equal(new Marks(shelf, ORG, keysOf(TWO).signSeed).of(FOUND), null)
    assert.equal(new Marks(shelf, ORG, keysOf(ONE).signSeed).of({ ...FOUND, what: "other" }), null)
    const all = [...stored].join()
    assert.ok(!all.includes("cobalt") && !all.includes(b64url(sha256(utf8(FOUND.what)))))
    stored.set(`answerable.imported.${ORG}`, "[broken")
    assert.equal(new Marks(shelf, ORG, keysOf(ONE).signSeed).of(FOUND), null)
})

test("rows keep their own first line, also behind cells of several lines", () => {
    assert.deepEqual(parseCsv('a,b\n"x\ny",1\n\nz,2').rows.map(({ line, cells }) => [line, cells.length]), [[1, 2], [2, 2], [5, 2]])
})
