/** Every case of protocol/vectors: the browser and Python must agree to the byte. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import {
    b64,
    b64url,
    canonicalBytes,
    concat,
    equal,
    lp,
    parseJson,
    parseTime,
    sha256,
    timestamp,
    unb64,
    unb64url,
    utf8,
    type Json,
} from "../../src/core/bytes.ts"
import { logKeyHash } from "../../src/core/casekeys.ts"
import { panelChangeBytes, verifyPanelChange } from "../../src/core/keysfile.ts"
import { eventKey, eventLabel, keptLabel } from "../../src/core/labels.ts"
import { buildLeaf, commit, isPublic, leafHash, parseLeaf, type EventType } from "../../src/core/leaf.ts"
import { loginBytes } from "../../src/core/login.ts"
import { parseManifest, verifyManifest, verifyRecordManifest } from "../../src/core/manifest.ts"
import { verifyConsistency, verifyInclusion } from "../../src/core/merkle.ts"
import { messageSigningBytes, verifyMessage } from "../../src/core/message.ts"
import { solve, works } from "../../src/core/pow.ts"
import { parsePolicy, verifyReceipt } from "../../src/core/receipt.ts"
import { anchorOf, parseRoster, verifyChain } from "../../src/core/roster.ts"
import { inspect, open, padme, paddedSize, sealedSize, type Purpose } from "../../src/core/sealed.ts"
import { verify } from "../../src/core/sign.ts"
import { english } from "../../src/core/words-en.ts"
import { fingerprintWords } from "../../src/core/words.ts"
import { headSize, streamSize } from "../../src/core/age.ts"
import { refuses, vectorFiles, vectors } from "./help.ts"

const READ_HERE = [
    "ed25519.json",
    "encoding.json",
    "labels.json",
    "leaf.json",
    "login.json",
    "manifest.json",
    "message.json",
    "panel.json",
    "pow.json",
    "receipt.json",
    "roster.json",
    "sealed.json",
]
/** Formats that no browser reads: the server's calendar and the verifier's silence files. */
const NOT_FOR_BROWSERS = ["calendar.json", "silence.json", "tiles.json", "checkpoint.json", "cosignature.json", "witness.json", "policy.json"]

test("no vector file goes unread", () => {
    const unread = vectorFiles("own").filter((name) => !READ_HERE.includes(name) && !NOT_FOR_BROWSERS.includes(name))
    assert.deepEqual(unread, [])
})

test("JSON is written and read as in Python", () => {
    const v = vectors("own/encoding.json")
    for (const { value, canonical } of v.json) {
        assert.equal(b64url(canonicalBytes(value)), canonical)
        assert.deepEqual(parseJson(unb64url(canonical)), value)
    }
    for (const { escaped, canonical } of v.json_surrogates) {
        assert.equal(b64url(canonicalBytes(JSON.parse(escaped) as Json)), canonical)
    }
    for (const { desc, data } of v.json_refused) refuses(() => assert.fail(desc + String(parseJson(unb64url(data)))))
})

test("lp, base64, ids and times are read as in Python", () => {
    const v = vectors("own/encoding.json")
    for (const { parts, joined } of v.lp) assert.equal(b64url(concat(...parts.map((part: string) => lp(unb64url(part))))), joined)
    for (const { data, text } of v.base64) {
        assert.equal(b64(unb64url(data)), text)
        assert.equal(b64url(unb64(text)), data)
    }
    for (const { text } of v.base64_refused) refuses(() => unb64(text))
    for (const { data, text } of v.base64url) assert.equal(b64url(unb64url(text)), data)
    for (const { text } of v.base64url_refused) refuses(() => unb64url(text))
    for (const { text } of v.ids) assert.equal(unb64url(text, 16).length, 16)
    for (const { text } of v.ids_refused) refuses(() => unb64url(text, 16))
    for (const { text, unix } of v.times) {
        assert.equal(parseTime(text).getTime(), unix * 1000)
        assert.equal(timestamp(new Date(unix * 1000)), text)
    }
    for (const { text } of v.times_refused) refuses(() => parseTime(text))
})

test("signatures that libraries disagree on are taken and refused as in Python", () => {
    for (const { desc, public: key, message, signature, valid } of vectors("own/ed25519.json").cases) {
        const check = (): void => verify(unb64url(message), unb64url(signature), unb64url(key))
        if (valid) assert.doesNotThrow(check, desc)
        else assert.throws(check, desc)
    }
})

test("labels are those of Python", () => {
    for (const c of vectors("own/labels.json").cases) {
        const key = unb64url(c.case_log_key)
        assert.equal(b64url(logKeyHash(key)), c.log_key)
        assert.equal(b64url(eventKey(key)), c.event_key)
        for (const { seq, label } of c.event_labels) assert.equal(b64url(eventLabel(eventKey(key), seq)), label)
        for (const { promise, label } of c.kept_labels) assert.equal(b64url(keptLabel(key, promise)), label)
    }
})

test("leaves are written and refused as in Python", () => {
    const v = vectors("own/leaf.json")
    for (const c of v.cases) {
        const body = commit(c.type as EventType, unb64url(c.nonce), unb64url(c.payload))
        assert.equal(b64url(body), c.body)
        const label = c.label === null ? null : unb64url(c.label)
        const type = isPublic(c.type) ? c.type : null
        assert.equal(buildLeaf({ org: c.org, type, label, date: c.date, body }), c.leaf)
        assert.equal(b64url(leafHash(c.leaf)), c.leaf_hash)
    }
    for (const { desc, leaf } of v.refused) refuses(() => assert.fail(desc + parseLeaf(leaf).org))
})

test("receipts are believed and refused as in Python", () => {
    for (const c of vectors("own/receipt.json").cases) {
        const check = () => verifyReceipt(c.receipt, parsePolicy(c.policy))
        if (c.error !== null) {
            refuses(() => assert.fail(`${c.desc} ${check().index}`))
            continue
        }
        const receipt = check()
        assert.equal(receipt.type, c.type, c.desc)
        assert.equal(receipt.index, c.index)
        assert.equal(receipt.checkpoint.size, c.size)
        assert.equal(b64url(receipt.leafHash), c.leaf_hash)
        assert.equal(b64url(receipt.payload), c.payload)
        const cosigned = c.cosignatures.map((one: { name: string; timestamp: number }) => one.timestamp).sort()
        assert.deepEqual(receipt.cosignatures.map(({ time }) => time).sort(), cosigned)
    }
})

test("manifests are read, verified and refused as in Python", () => {
    const v = vectors("own/manifest.json")
    for (const { manifest, sha256: hash, signature } of v.cases) {
        const bytes = utf8(manifest)
        assert.equal(b64url(sha256(bytes)), hash)
        verifyManifest(bytes, unb64url(signature))
        // Ours is written to the same bytes.
        assert.equal(b64url(canonicalBytes(parseManifest(bytes) as unknown as Json)), b64url(bytes))
    }
    for (const { manifest, signature } of v.records) verifyRecordManifest(utf8(manifest), unb64url(signature))
    for (const { desc, manifest } of v.refused) refuses(() => assert.fail(desc + parseManifest(utf8(manifest)).org))
})

test("messages, panel changes and sign-ins are signed as in Python", () => {
    for (const c of vectors("own/message.json").cases) {
        const head = { ...c, caseId: unb64url(c.case), prev: unb64url(c.prev), sealedSha256: unb64url(c.sealed) }
        assert.equal(b64url(messageSigningBytes(head)), c.signed)
        verifyMessage(head, unb64url(c.signature), unb64url(c.public))
    }
    for (const c of vectors("own/panel.json").cases) {
        const change = { ...c, caseId: unb64url(c.case), keysSha256: unb64url(c.keys) }
        assert.equal(b64url(panelChangeBytes(change)), c.signed)
        verifyPanelChange(change, unb64url(c.signature), unb64url(c.public))
    }
    for (const c of vectors("own/login.json").cases) {
        const bytes = loginBytes({ origin: c.origin, org: c.org, caseId: unb64url(c.case), nonce: unb64url(c.nonce) })
        assert.equal(b64url(bytes), c.signed)
        verify(bytes, unb64url(c.signature), unb64url(c.public))
    }
})

test("chains of rosters are believed and refused as in Python", () => {
    const v = vectors("own/roster.json")
    for (const { desc, notes, error } of v.cases) {
        const check = () => verifyChain(notes, { org: v.org, origin: v.origin, anchor: v.anchor })
        if (error === null) assert.equal(check().rosters.length, notes.length, desc)
        else refuses(() => assert.fail(`${desc} ${check().rosters.length}`))
    }
    const first = parseRoster(v.cases[0].notes[0])
    assert.equal(anchorOf(first.text), v.anchor)
    assert.equal(first.sha256Text, v.sha256)
    assert.deepEqual(fingerprintWords(first.text, english), v.fingerprint)
})

test("the work is done as in Python", async () => {
    for (const { challenge, bits, first } of vectors("own/pow.json").cases) {
        assert.equal(await solve(unb64url(challenge), bits), first)
        assert.ok(works(unb64url(challenge), first, bits))
    }
})

test("sizes are those of Python", () => {
    const v = vectors("own/sealed.json")
    for (const { purpose, length, size } of v.padded) assert.equal(paddedSize(purpose, length), size)
    for (const { length, size } of v.padme) assert.equal(padme(length), size)
    for (const { plaintext, recipients, size } of v.files) assert.equal(headSize(recipients) + streamSize(plaintext), size)
})

test("heads of sealed files are taken and refused as by the server", () => {
    for (const { desc, head, total, purpose, recipients, error } of vectors("own/sealed.json").heads) {
        const file = new Uint8Array(total)
        file.set(Uint8Array.from(head as string, (c) => c.charCodeAt(0)).subarray(0, total))
        const check = (): void => {
            if (inspect(purpose as Purpose, file).stanzas !== recipients) throw new Error("another count")
        }
        if (error) assert.throws(check, desc)
        else assert.doesNotThrow(check, desc)
    }
})

test("a sealed plaintext has the header and padding that Python writes", async () => {
    const { newHybridIdentity, hybridRecipient, seal } = await import("../../src/core/sealed.ts")
    const { Decrypter } = await import("age-encryption")
    for (const c of vectors("own/sealed.json").plaintexts) {
        const identity = newHybridIdentity()
        const sealed = await seal(c.purpose, c.org, unb64url(c.case), unb64url(c.payload), [await hybridRecipient(identity)])
        const decrypter = new Decrypter()
        decrypter.addIdentity(identity)
        const plain = await decrypter.decrypt(sealed)
        assert.equal(plain.length, c.length)
        assert.equal(b64url(sha256(plain)), c.sha256)
        assert.equal(sealed.length, sealedSize(c.purpose, c.org, unb64url(c.payload).length, 1))
        const payload = await open(c.purpose, c.org, unb64url(c.case), sealed, identity)
        assert.ok(equal(payload, unb64url(c.payload)))
    }
})

test("proofs of the published RFC 6962 set are believed and refused", () => {
    const all = vectors("rfc6962_proofs.json") as Record<string, unknown>[]
    const bytes = (value: unknown): Uint8Array => (value ? unb64(value as string) : new Uint8Array(0))
    let seen = 0
    for (const v of Array.isArray(all) ? all : ((all as { cases: Record<string, unknown>[] }).cases)) {
        if (String(v["_file"] ?? "").startsWith("subtree")) continue
        const proof = ((v["proof"] as string[] | null) ?? []).map(bytes)
        const n = (name: string): number => (v[name] as number | undefined) ?? 0
        const check = (): void =>
            "leafHash" in v
                ? verifyInclusion(bytes(v["leafHash"]), n("leafIdx"), n("treeSize"), proof, bytes(v["root"]))
                : verifyConsistency(n("size1"), bytes(v["root1"]), n("size2"), bytes(v["root2"]), proof)
        if (v["wantErr"]) refuses(check)
        else assert.doesNotThrow(check, JSON.stringify(v["desc"] ?? v["_file"]))
        seen++
    }
    assert.ok(seen > 50)
})
