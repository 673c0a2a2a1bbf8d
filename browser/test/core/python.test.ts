/** What the browser makes, checked by the server's own code (../protocol) in its virtual environment. */
import { strict as assert } from "node:assert"
import { spawnSync } from "node:child_process"
import { test } from "node:test"
import { b64url, canonicalBytes, unb64url } from "../../src/core/bytes.ts"
import type { HandlerKeys } from "../../src/core/handlerkeys.ts"
import { openKeys, preparePanelChange } from "../../src/core/keysfile.ts"
import { eventLabel } from "../../src/core/labels.ts"
import { prepareMessage } from "../../src/core/message.ts"
import { vkey } from "../../src/core/note.ts"
import { newCase, prepareRecord, sealAttachment } from "../../src/core/report.ts"
import { anchorOf, rosterNote, rosterText } from "../../src/core/roster.ts"
import { NOW, ORG, ORIGIN, ROLES, TinyLog, lineOf, member, submit, world, type Member } from "./world.ts"

const PYTHON = "../.venv/bin/python"

test("the server's code agrees with every byte of a report, a message, a panel change, a roster and a receipt", async () => {
    const w = await world(ROLES)
    const keysOf = (id: string): HandlerKeys => w.members.find(({ person }) => person.id === id)?.keys as HandlerKeys
    const signOf = (id: string): string => w.roster.people.find((person) => person.id === id)?.sign as string
    const newcomer = await member("handler", "新人")
    const text = rosterText(ORG, 1, w.roster.sha256, [...w.roster.people, newcomer.person])
    const second = rosterNote(text, ["handler", "external"].map((role) => lineOf(text, w.members.find(({ person }) => person.role === role) as Member)))

    const mine = await newCase(ORG)
    const photo = await sealAttachment(mine, new Blob(["x"]), { name: "照片", type: "image/png" })
    const { submission, draft } = await submit(w, {
        case: mine,
        attachments: [photo],
        identity: { name: "林", contact: "0" },
        jurisdiction: "FR",
        urgency: "soon",
        rungTold: 1,
    })
    const author = draft.panel[0] as string
    const made = await prepareMessage({
        org: ORG,
        caseId: mine.keys.id,
        author,
        seed: keysOf(author).signSeed,
        kind: "acknowledge",
        promises: ["own-acknowledged", "fr-acknowledged"],
        n: 3,
        prev: photo.sealed.sha256,
        text: "看到了",
        attachments: [],
        caseRecipient: mine.caseRecipient,
    })
    const keys = await openKeys(ORG, mine.keys.id, unb64url(submission.body.keys), keysOf(author).ageIdentity)
    const change = await preparePanelChange({
        org: ORG,
        caseId: mine.keys.id,
        roster: w.roster,
        before: draft.panel,
        panel: draft.panel.slice(0, 2).reverse(),
        excluded: [],
        keys,
        seed: keysOf(author).signSeed,
    })
    const log = new TinyLog()
    const payload = { case: mine.keys.idText, words: "é" }
    const record = await prepareRecord({ case: await newCase(ORG), answers: {}, attachments: [], created: NOW })
    const input = {
        origin: ORIGIN,
        rosters: [w.note, second],
        anchor: anchorOf(w.roster.text),
        externals: w.roster.people.filter(({ role }) => role === "external").map(({ id }) => id),
        body: submission.body,
        case_log_key: b64url(mine.keys.logKey),
        message: { author, sign: signOf(author), body: made.body },
        change: { sign: signOf(author), body: change.body },
        receipt: log.receipt("message", payload, eventLabel(mine.keys.eventKey, 1)),
        policy: `log ${vkey(log.policy.logs[0] as (typeof log.policy.logs)[0])}\nquorum none\n`,
        payload: b64url(canonicalBytes(payload)),
        record: record.body,
    }
    const run = spawnSync(PYTHON, ["test/core/python_side.py"], { input: JSON.stringify(input), encoding: "utf8" })
    assert.equal(run.stdout.trim(), "agreed", run.stderr ?? String(run.error))
})
