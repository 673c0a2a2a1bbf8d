import { strict as assert } from "node:assert"
import { test } from "node:test"
import { Decrypter, Encrypter, generateHybridIdentity, generateX25519Identity, identityToRecipient } from "age-encryption"
import { CHUNK } from "../../src/core/age.ts"
import { concat, equal, sha256, utf8 } from "../../src/core/bytes.ts"
import {
    PURPOSES,
    canSeal,
    hybridRecipient,
    inspect,
    newHybridIdentity,
    open,
    openStream,
    padme,
    paddedSize,
    seal,
    sealBlob,
    sealStream,
    sealedSize,
    type Purpose,
} from "../../src/core/sealed.ts"
import { noise as randomBytes, refuses, refusesLater } from "./help.ts"
import { junk } from "./world.ts"

const ORG = "tidewick"
const CASE = sha256(utf8("case")).subarray(0, 16)
const IDENTITY = newHybridIdentity()
const RECIPIENT = await hybridRecipient(IDENTITY)

async function all(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
    const pieces: Uint8Array[] = []
    for await (const piece of source) pieces.push(piece)
    return concat(...pieces)
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

test("what is sealed comes out for each recipient, at its size, for every purpose", async () => {
    assert.ok(canSeal())
    const second = newHybridIdentity()
    const recipients = [RECIPIENT, await hybridRecipient(second)]
    for (const purpose of PURPOSES) {
        const payload = randomBytes(1000)
        const sealed = await seal(purpose, ORG, CASE, payload, recipients)
        assert.equal(sealed.length, sealedSize(purpose, ORG, payload.length, 2))
        assert.deepEqual(await open(purpose, ORG, CASE, sealed, IDENTITY), payload)
        assert.deepEqual(await open(purpose, ORG, CASE, sealed, [newHybridIdentity(), second]), payload)
        assert.equal(inspect(purpose, sealed).stanzas, 2)
    }
})

test("typage opens what we seal, and we open what typage seals", async () => {
    const payload = randomBytes(200_000)
    const sealed = await seal("report", ORG, CASE, payload, [RECIPIENT])
    const decrypter = new Decrypter()
    decrypter.addIdentity(IDENTITY)
    const plain = await decrypter.decrypt(sealed)
    assert.equal(plain.length, 256 * 1024)
    const encrypter = new Encrypter()
    encrypter.addRecipient(RECIPIENT)
    assert.deepEqual(await open("report", ORG, CASE, await encrypter.encrypt(plain), IDENTITY), payload)
})

test("an empty payload and sizes beside every step come out whole", async () => {
    const prefix = 2 + 28 + 2 + 8 + 2 + 16 + 8
    for (const length of [0, 1, 4096 - prefix, 4097 - prefix, CHUNK - prefix, CHUNK - prefix + 1, 262_144 - prefix + 1]) {
        const payload = randomBytes(length)
        const sealed = await seal("message", ORG, CASE, payload, [RECIPIENT])
        assert.equal(sealed.length, sealedSize("message", ORG, length, 1))
        assert.ok(equal(await open("message", ORG, CASE, sealed, IDENTITY), payload))
    }
})

test("files of near lengths look alike, and grow by at most 12 %", () => {
    assert.equal(paddedSize("report", 100), paddedSize("report", 4000))
    for (let length = 262_145; length < 50_000_000; length = Math.floor(length * 1.3)) {
        const size = padme(length)
        assert.ok(size >= length && size <= length * 1.12)
        assert.equal(padme(size), size)
    }
})

test("another purpose, organisation or case is refused", async () => {
    const sealed = await seal("note", ORG, CASE, utf8("words"), [RECIPIENT])
    await refusesLater(() => open("message", ORG, CASE, sealed, IDENTITY), "other-purpose")
    await refusesLater(() => open("note", "tidewich", CASE, sealed, IDENTITY), "other-organisation")
    await refusesLater(() => open("note", "tidewick-north", CASE, sealed, IDENTITY), "other-organisation")
    await refusesLater(() => open("note", ORG, junk(CASE, 3), sealed, IDENTITY), "other-case")
})

test("whoever is not a recipient cannot open", async () => {
    const sealed = await seal("note", ORG, CASE, utf8("words"), [RECIPIENT])
    await refusesLater(() => open("note", ORG, CASE, sealed, newHybridIdentity()), "not-for-us")
})

test("padding that is not zero is refused, at its start and at its end", async () => {
    for (const purpose of ["report", "attachment"] as const) {
        const sealed = await seal(purpose, ORG, CASE, randomBytes(70_000), [RECIPIENT])
        const decrypter = new Decrypter()
        decrypter.addIdentity(IDENTITY)
        const plain = await decrypter.decrypt(sealed)
        for (const at of [plain.length - 1, 70_200, plain.length - 60_000]) {
            const encrypter = new Encrypter()
            encrypter.addRecipient(RECIPIENT)
            const changed = await encrypter.encrypt(junk(plain, at))
            await refusesLater(() => open(purpose, ORG, CASE, changed, IDENTITY), "bad-padding")
        }
    }
})

test("any changed byte, cut or addition is refused", async () => {
    const sealed = await seal("report", ORG, CASE, randomBytes(100_000), [RECIPIENT])
    const header = inspect("report", sealed).headerLength
    for (const at of [0, 25, 200, header - 3, header + 2, header + 20, header + 70_000, sealed.length - 1]) {
        await refusesLater(() => open("report", ORG, CASE, junk(sealed, at), IDENTITY))
    }
    for (const cut of [0, 10, header - 1, header + 5, header + 16 + CHUNK + 16, sealed.length - 1]) {
        await refusesLater(() => open("report", ORG, CASE, sealed.subarray(0, cut), IDENTITY))
    }
    await refusesLater(() => open("report", ORG, CASE, concat(sealed, new Uint8Array(1)), IDENTITY))
})

test("a payload length beyond the file is refused", async () => {
    const prefix = concat(utf8("\0\x1banswerable/v1/sealed/report"), utf8("\0\x08tidewick"), utf8("\0\x10"), CASE)
    const plain = new Uint8Array(4096)
    plain.set(prefix)
    plain.set([0, 0, 0, 0, 0, 1, 0, 0], prefix.length)
    const encrypter = new Encrypter()
    encrypter.addRecipient(RECIPIENT)
    const sealed = await encrypter.encrypt(plain)
    await refusesLater(() => open("report", ORG, CASE, sealed, IDENTITY), "bad-payload-length")
})

test("only hybrid recipients are sealed to, alone or in company", async () => {
    const x25519 = await identityToRecipient(await generateX25519Identity())
    for (const recipient of [x25519, "age1tag1", "", "age1pq1qqqq", RECIPIENT.slice(0, -1), RECIPIENT.toUpperCase()]) {
        await refusesLater(() => seal("report", ORG, CASE, utf8("x"), [RECIPIENT, recipient]), "not-hybrid")
    }
    await refusesLater(() => seal("report", ORG, CASE, utf8("x"), []), "nobody")
})

test("only hybrid identities open, and only files with hybrid stanzas alone are read", async () => {
    const sealed = await seal("report", ORG, CASE, utf8("x"), [RECIPIENT])
    await refusesLater(async () => open("report", ORG, CASE, sealed, await generateX25519Identity()), "not-hybrid")
    const mixed = new Encrypter()
    mixed.addRecipient(RECIPIENT)
    mixed.addRecipient(await identityToRecipient(await generateX25519Identity()))
    const file = await mixed.encrypt(new Uint8Array(4096))
    await refusesLater(() => open("report", ORG, CASE, file, IDENTITY), "not-hybrid")
    refuses(() => inspect("report", file), "not-hybrid")
    assert.match(await generateHybridIdentity(), /^AGE-SECRET-KEY-PQ-1/)
    assert.match(IDENTITY, /^AGE-SECRET-KEY-PQ-1/)
})

test("a size that tells more than a step is seen", async () => {
    const encrypter = new Encrypter()
    encrypter.addRecipient(RECIPIENT)
    const file = await encrypter.encrypt(new Uint8Array(5000))
    refuses(() => inspect("report", file), "bad-size")
})

test("streaming gives the same as the whole, however the pieces fall", async () => {
    const payload = randomBytes(300_001)
    const sealed = await all(sealStream("attachment", ORG, CASE, payload.length, inPieces(payload, 7_777), [RECIPIENT]))
    assert.deepEqual(await open("attachment", ORG, CASE, sealed, IDENTITY), payload)
    for (const size of [997, CHUNK, CHUNK + 16, 1_000_000]) {
        assert.ok(equal(await all(openStream("attachment", ORG, CASE, inPieces(sealed, size), IDENTITY)), payload))
    }
    const response = new Response(sealed as BodyInit).body as ReadableStream<Uint8Array>
    assert.ok(equal(await all(openStream("attachment", ORG, CASE, response, IDENTITY)), payload))
    assert.ok(equal(await all(openStream("attachment", ORG, CASE, new Blob([sealed as BlobPart]), IDENTITY)), payload))
})

test("a stream with more or fewer bytes than announced is refused", async () => {
    for (const announced of [99, 101]) {
        await refusesLater(() => all(sealStream("note", ORG, CASE, announced, inPieces(randomBytes(100), 10), [RECIPIENT])), "file-changed")
    }
})

test("a file is sealed the same in any range, without being held, and opens to itself", async () => {
    for (const length of [0, 10, 65_000, 1_500_000]) {
        const bytes = randomBytes(Math.min(length, 65_536))
        const parts = length > 65_536 ? Array.from({ length: Math.ceil(length / 65_536) }, () => bytes) : [bytes]
        const blob = new Blob(parts as BlobPart[])
        const steps: number[] = []
        const file = await sealBlob("attachment", ORG, CASE, blob, [RECIPIENT], { onProgress: (done, total) => steps.push(done / total) })
        const whole = await file.read(0, file.size)
        assert.equal(whole.length, file.size)
        assert.deepEqual(sha256(whole), file.sha256)
        assert.equal(file.size, sealedSize("attachment", ORG, blob.size, 1))
        assert.equal(steps[steps.length - 1], 1)
        for (const [from, size] of [[0, 5], [1000, 3000], [file.size - 9, 100], [60_000, 140_000]] as const) {
            assert.ok(equal(await file.read(from, size), whole.subarray(from, from + size)))
        }
        assert.ok(equal(await all(file.chunks(100_000, 1234)), whole.subarray(1234)))
        const plain = new Uint8Array(await blob.arrayBuffer())
        assert.deepEqual(file.plainSha256, sha256(plain))
        assert.ok(equal(await open("attachment", ORG, CASE, whole, IDENTITY), plain))
    }
})

test("a file that changed after it was sealed never leaves", async () => {
    const bytes = randomBytes(200_000)
    const blob = new Blob([bytes as BlobPart])
    let changed = false
    const tricky = new Proxy(blob, {
        get(target, name) {
            if (name === "slice") return (from: number, to: number) => (changed ? new Blob([randomBytes(200_000) as BlobPart]) : target).slice(from, to)
            const value = Reflect.get(target, name, target) as unknown
            return typeof value === "function" ? (value as () => unknown).bind(target) : value
        },
    })
    const file = await sealBlob("attachment", ORG, CASE, tricky, [RECIPIENT])
    changed = true
    await refusesLater(() => file.read(100_000, 10), "file-changed")
})

test("sealing a file stops when asked", async () => {
    const stop = new AbortController()
    stop.abort()
    await refusesLater(() => sealBlob("attachment", ORG, CASE, new Blob(["x"]), [RECIPIENT], { signal: stop.signal }), "stopped")
})

test("noise is never anything but our refusal", async () => {
    const sealed = await seal("note", ORG, CASE, utf8("words"), [RECIPIENT])
    for (let i = 0; i < 60; i++) {
        const junkFile = i % 2 === 0 ? randomBytes(i * 11) : concat(sealed.subarray(0, i * 40), randomBytes(i))
        await refusesLater(() => open("note" as Purpose, ORG, CASE, junkFile, IDENTITY))
        refuses(() => inspect("note", junkFile))
    }
})
