/** An organisation's own questions: conditions, what is sealed of them, and readers that know them or don't. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { b64url, canonicalBytes, parseJson, unb64url, type Json } from "../../src/core/bytes.ts"
import { Malformed } from "../../src/core/errors.ts"
import { openMessage, prepareMessage, readMessagePayload } from "../../src/core/message.ts"
import { newCase } from "../../src/core/report.ts"
import { asked, isAsked, readQuestionSet, type Answer } from "../../src/core/questions.ts"

const both = { en: "Where?", zh: "在哪里？" }
const options = [{ id: "a", text: both }, { id: "b", text: both }]
const whole = {
    format: "answerable/questions/v1",
    id: "office",
    version: 1,
    questions: [
        { id: "q1", kind: "yes-no", text: both },
        { id: "q2", kind: "several", text: both, options, when: { question: "q1", answers: ["yes", "unknown"] } },
        { id: "q3", kind: "long", text: both, hint: both, when: { question: "q2", answers: ["b"] } },
    ],
}

test("the hash of a set is the server's (answerable/questions/tests/test_rules.py)", () => {
    const one = { format: "answerable/questions/v1", id: "office", version: 1, questions: [{ id: "q1", kind: "short", text: both }] }
    assert.equal(Buffer.from(unb64url(readQuestionSet(one).sha256)).toString("hex"), "61a367d91330ac3b825cee9493de34d4c5ad75a48f8fe34f2c920afdd55d4fb6")
})

test("a question is asked after the answers it names, and never where its own condition was hidden", () => {
    const { questions } = readQuestionSet(whole)
    const shown = (answers: [string, Answer][]): string[] => asked(questions, new Map(answers)).map(({ id }) => id)
    assert.deepEqual(shown([]), ["q1"])
    assert.deepEqual(shown([["q1", "no"], ["q2", ["b"]], ["q3", "words"]]), ["q1"])
    assert.deepEqual(shown([["q1", "unknown"], ["q2", ["a"]]]), ["q1", "q2"])
    assert.deepEqual(shown([["q1", "yes"], ["q2", ["a", "b"]]]), ["q1", "q2", "q3"])
})

test("what was typed under a condition that no longer holds is not sealed", () => {
    const { questions } = readQuestionSet(whole)
    const told = asked(questions, new Map<string, Answer>([["q1", "no"], ["q3", "something she took back"]]))
    assert.ok(!JSON.stringify(told).includes("took back"))
    assert.deepEqual(told, [{ id: "q1", kind: "yes-no", text: both, answer: "no" }])
})

test("what was passed over is sealed as asked and not answered", () => {
    const { questions } = readQuestionSet(whole)
    const told = asked(questions, new Map<string, Answer>([["q1", "yes"], ["q2", []]]))
    assert.deepEqual(told.map(({ answer }) => answer), ["yes", null])
})

test("a set whose conditions go forward, round or to itself is refused", () => {
    for (const question of ["q1", "q2", "q9"]) {
        const broken = { ...whole, questions: [{ id: "q1", kind: "yes-no", text: both, when: { question, answers: ["yes"] } }, { id: "q2", kind: "yes-no", text: both }] }
        assert.throws(() => readQuestionSet(broken), Malformed)
    }
    const round = { id: "q1", kind: "yes-no", text: both, when: { question: "q1", answers: ["yes"] } }
    assert.equal(isAsked([round], round, new Map([["q1", "yes"]])), false)
})

test("a message with questions or answers is read; one without is as before, and an unknown member is passed over", () => {
    const to = b64url(new Uint8Array(32))
    const base = { text: "Two things more.", attachments: [], kind: "answer" }
    const read = (more: object) => readMessagePayload(canonicalBytes({ ...base, ...more } as Json))
    assert.equal(read({}).ask, undefined)
    assert.equal(read({ later: { x: 1 } }).text, base.text)
    assert.deepEqual(read({ ask: { questions: whole.questions } }).ask, whole.questions)
    const reply = { to, language: "zh", asked: [{ id: "q1", kind: "a-later-kind", text: both, answer: ["a"] }] }
    assert.deepEqual(read({ reply }).reply, reply)
    for (const bad of [{ ask: 1 }, { ask: { questions: [{}] } }, { reply: { to: "x", language: "zh", asked: [] } }, { reply: { to, language: "zh", asked: [{ ...reply.asked[0], answer: 1 }] } }]) assert.throws(() => read(bad), Malformed)
    assert.deepEqual(parseJson(canonicalBytes(reply as Json)), reply)
})

test("questions and answers travel sealed and signed in messages", async () => {
    const mine = await newCase("tidewick")
    const send = (more: object) => prepareMessage({ org: "tidewick", caseId: mine.keys.id, author: "reporter", seed: mine.keys.signSeed, kind: "text", promises: [], n: 0, prev: new Uint8Array(0), text: "", attachments: [], caseRecipient: mine.caseRecipient, ...more })
    const open = (file: Uint8Array) => openMessage({ org: "tidewick", caseId: mine.keys.id, caseIdentity: mine.caseIdentity, file })
    const { questions } = readQuestionSet(whole)
    const asking = await send({ ask: questions })
    assert.deepEqual((await open(asking.file)).ask, questions)
    const reply = { to: b64url(asking.sha256), language: "en", asked: asked(questions, new Map([["q1", "no"]])) }
    const answer = await open((await send({ reply })).file)
    assert.deepEqual([answer.reply, answer.ask, answer.text], [reply, undefined, ""])
})
