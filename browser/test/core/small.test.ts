/** The small modules: encodings, work, reminders, promises. */
import { strict as assert } from "node:assert"
import { readFileSync, readdirSync } from "node:fs"
import { test } from "node:test"
import { b64, b64url, canonicalJson, draw, hasher, hex, isDay, newId, parseJson, sha256, unb64, unb64url, utf8, wellFormed } from "../../src/core/bytes.ts"
import { calendarFile } from "../../src/core/ics.ts"
import { cosignedAt, noteKey, noteOf, noteSignature, parseNote, parseVkey, signers, vkey } from "../../src/core/note.ts"
import { parsePolicy, quorumOf } from "../../src/core/policy.ts"
import { solve, works } from "../../src/core/pow.ts"
import { ALWAYS, LONGEST, spanMs } from "../../src/core/promises.ts"
import { newSeed, publicKey } from "../../src/core/sign.ts"
import { noise, refuses, refusesLater } from "./help.ts"

test("base64 agrees with Node's, and only one text means the same bytes", () => {
    for (let length = 0; length < 200; length++) {
        const bytes = noise(length)
        assert.equal(b64(bytes), Buffer.from(bytes).toString("base64"))
        assert.equal(b64url(bytes), Buffer.from(bytes).toString("base64url"))
        assert.deepEqual(unb64(b64(bytes)), bytes)
        assert.deepEqual(unb64url(b64url(bytes), length), bytes)
    }
    for (const text of ["A", "AB", "AA=", "AAA==", " AAAA", "AAAA\n", "AA-_", "=AAA"]) refuses(() => unb64(text), "bad-base64")
    for (const text of ["A", "AB", "AA==", "AA+/", "ÄÄ", "AAAA "]) refuses(() => unb64url(text), "bad-base64")
    refuses(() => unb64url("AAAA", 4), "bad-length")
})

test("canonical JSON takes our subset only", () => {
    assert.equal(canonicalJson({ b: [1, null, true], a: "é\u0007\u2028\"\\" }), '{"a":"é\\u0007\u2028\\"\\\\","b":[1,null,true]}')
    for (const value of [1.5, NaN, 2 ** 53, Infinity]) refuses(() => canonicalJson({ a: value }), "not-canonical")
    refuses(() => canonicalJson({ é: 1 }), "not-canonical")
    assert.equal(wellFormed("a\ud800b\udc00\udc00😀"), "a\ufffdb\ufffd\ufffd😀")
    for (const text of ['{"a":1,"a":2}', "1.0", "1e3", "-0", "01", "[1,]", '"\\ud800"', "{'a':1}", "9007199254740992", "nul", "", "[".repeat(100)]) {
        refuses(() => parseJson(text), "bad-json")
    }
    assert.deepEqual(Object.keys(parseJson('{"__proto__":{"x":1}}') as object), ["__proto__"])
})

test("noise is JSON as JSON.parse has it, or our refusal", () => {
    const alphabet = '{}[]":,0123456789-.etrufalsn\\ \n'
    for (let i = 0; i < 3000; i++) {
        const s = Array.from({ length: draw(12) }, () => alphabet.charAt(draw(alphabet.length))).join("")
        try {
            const value = parseJson(s)
            assert.deepEqual(value, JSON.parse(s))
        } catch (error) {
            refuses(() => {
                throw error
            }, "bad-json")
        }
    }
})

test("hashing in pieces gives the hash of the whole", () => {
    const bytes = noise(100_000)
    const state = hasher()
    for (let at = 0; at < bytes.length; at += 777) state.update(bytes.subarray(at, at + 777))
    assert.equal(hex(state.digest()), hex(sha256(bytes)))
})

test("ids are 16 bytes, and days are days", () => {
    assert.equal(unb64url(newId()).length, 16)
    assert.ok(isDay("2024-02-29") && !isDay("2026-02-29") && !isDay("2026-2-9"))
})

test("the work is found, can be watched and stopped", async () => {
    const challenge = noise(32)
    const seen: number[] = []
    const counter = await solve(challenge, 12, { sliceMs: 1, onProgress: (tried) => seen.push(tried) })
    assert.ok(works(challenge, counter, 12))
    for (let i = 0; i < counter; i++) assert.ok(!works(challenge, i, 12))
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 20)
    await refusesLater(() => solve(challenge, 40, { signal: stop.signal, sliceMs: 5 }), "stopped")
    await refusesLater(() => solve(challenge, 41), "bad-work")
})

test("a reminder says nothing but its title and time", () => {
    const file = calendarFile([{ at: new Date("2026-11-25T09:00:00Z"), title: "买东西，给妈妈打电话；".repeat(5) + "a, b" }], new Date("2026-11-24T08:00:00Z"))
    for (const line of file.split("\r\n")) assert.ok(utf8(line).length <= 75)
    assert.ok(file.includes("DTSTART:20261125T090000Z\r\n"))
    assert.ok(file.replace(/\r\n /g, "").includes("a\\, b\r\n"))
    assert.doesNotMatch(file, /answerable|URL|DESCRIPTION|LOCATION/i)
})

test("a signed note stands with its signers, and falls with a changed letter", () => {
    const seed = newSeed()
    const key = noteKey("example.com/log", publicKey(seed))
    assert.deepEqual(parseVkey(vkey(key)), key)
    const note = noteOf("one\ntwo\n", [noteSignature("one\ntwo\n", "example.com/log", seed)])
    assert.deepEqual(signers(parseNote(note), [key]), [key])
    refuses(() => signers(parseNote(note.replace("two", "tow")), [key]), "bad-signature")
    assert.deepEqual(signers(parseNote(note), [noteKey("example.com/log", publicKey(newSeed()))]), [])
    // https://c2sp.org/signed-note
    const published =
        "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
    const theirs = parseVkey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    assert.equal(signers(parseNote(published), [theirs]).length, 1)
    for (const bad of ["", "a\n", "a\n\n", "a\n\nb\n", note.slice(0, -1), "a\r\n\n— x y\n", note + "\n"]) refuses(() => parseNote(bad), "bad-note")
    for (const bad of ["", "a+b+c", vkey(key) + "A", vkey(key).replace("example", "exampel")]) refuses(() => parseVkey(bad), "bad-vkey")
    assert.equal(cosignedAt(parseNote(note), noteKey("w", publicKey(seed), 4)), undefined)
})

test("a policy's quorum is counted over witnesses and groups", () => {
    const witness = (name: string): string => `witness ${name} ${vkey(noteKey(name, publicKey(newSeed()), 4))}`
    const log = `log ${vkey(noteKey("l", publicKey(newSeed())))}`
    const text = [log, witness("a"), witness("b"), witness("c"), "# two of three, or c", "group two 2 a b c", "group any any two c", "quorum any"].join("\n")
    const policy = parsePolicy(text)
    const holds = (...names: string[]): boolean => quorumOf(policy, (name) => names.includes(name))
    assert.deepEqual([holds("a"), holds("c"), holds("a", "b"), holds()], [false, true, true, false])
    assert.equal(quorumOf(parsePolicy(`${log}\nquorum none`), () => true), false)
    for (const bad of ["", log, `${log}\nquorum x`, `${log}\nquorum none\nquorum none`, `${log}\ngroup g 3 a b\nquorum none`, "quorum none", `${log} a b\nquorum none`, `nonsense\n${text}`]) {
        refuses(() => parsePolicy(bad), "bad-policy")
    }
})

test("the release's longest spans are those of the promise packs", () => {
    const folder = "../answerable/promises/packs/"
    const found: Record<string, string> = {}
    for (const name of readdirSync(folder).filter((one) => one.endsWith(".json"))) {
        const pack = JSON.parse(readFileSync(folder + name, "utf8")) as { pack: string; rules: { id: string; longest: string }[] }
        for (const rule of pack.rules) found[rule.id] = rule.longest
        if (pack.pack === "own") assert.deepEqual([...ALWAYS].sort(), pack.rules.map(({ id }) => id).sort())
    }
    assert.deepEqual(found, LONGEST)
    assert.equal(spanMs("P7DT2H"), (7 * 24 + 2) * 3_600_000)
    for (const bad of ["", "P", "PT", "P1M", "7D", "P1DT"]) refuses(() => spanMs(bad), "bad-span")
})
