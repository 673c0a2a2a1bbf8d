import { strict as assert } from "node:assert"
import { test } from "node:test"
import { Decrypter, Encrypter } from "age-encryption"
import { b64url, canonicalBytes, parseJson, utf8 } from "../../src/core/bytes.ts"
import {
    newHandlerKeys,
    publicHalves,
    unwrapWithPasskey,
    unwrapWithPassphrase,
    wrapWithPassphrase,
} from "../../src/core/handlerkeys.ts"
import { checkRecipient } from "../../src/core/recipient.ts"
import { refuses, refusesLater } from "./help.ts"

const PHRASE = "legal winner thank year wave sausage worth"

test("a handler's keys come back with the passphrase, and only with it", async () => {
    const keys = newHandlerKeys()
    const file = await wrapWithPassphrase(keys, PHRASE)
    assert.match(new TextDecoder().decode(file), /^age-encryption\.org\/v1\n-> scrypt [^ ]+ 17\n/)
    assert.deepEqual(await unwrapWithPassphrase(file, PHRASE), keys)
    await refusesLater(() => unwrapWithPassphrase(file, PHRASE + "y"), "wrong-passphrase")
    await refusesLater(() => wrapWithPassphrase(keys, ""), "no-passphrase")
    await refusesLater(() => unwrapWithPasskey(file, null), "not-a-key-file")
    const decrypter = new Decrypter()
    decrypter.addPassphrase(PHRASE)
    const inside = parseJson(await decrypter.decrypt(file))
    assert.deepEqual(inside, { age_identity: keys.ageIdentity, sign_seed: b64url(keys.signSeed) })
})

test("a key file that asks for more work than 18, or holds another stanza, costs nothing", async () => {
    const keys = newHandlerKeys()
    const heavy = `age-encryption.org/v1\n-> scrypt ${"A".repeat(22)} 19\n${"A".repeat(43)}\n--- ${"A".repeat(43)}\n`
    const start = Date.now()
    await refusesLater(() => unwrapWithPassphrase(utf8(heavy), PHRASE), "too-much-work")
    await refusesLater(() => unwrapWithPassphrase(utf8(heavy.replace(" 19", " 017")), PHRASE), "not-a-key-file")
    await refusesLater(() => unwrapWithPassphrase(utf8(heavy.replace("--- ", "-> x y\n\n--- ")), PHRASE), "not-a-key-file")
    for (const noise of ["", "age", heavy.slice(0, 60)]) await refusesLater(() => unwrapWithPassphrase(utf8(noise), PHRASE), "not-a-key-file")
    assert.ok(Date.now() - start < 500)
    const encrypter = new Encrypter()
    encrypter.addRecipient((await publicHalves(keys)).recipient)
    const hybrid = await encrypter.encrypt("x")
    await refusesLater(() => unwrapWithPassphrase(hybrid, PHRASE), "not-a-key-file")
})

test("a key file with an X25519 identity, or none, is refused", async () => {
    for (const inside of [{ age_identity: "AGE-SECRET-KEY-1QQQQ", sign_seed: "AAAA" }, {}, { age_identity: newHandlerKeys().ageIdentity }]) {
        const encrypter = new Encrypter()
        encrypter.setScryptWorkFactor(10)
        encrypter.setPassphrase(PHRASE)
        const file = await encrypter.encrypt(canonicalBytes(inside))
        await refusesLater(() => unwrapWithPassphrase(file, PHRASE))
    }
})

test("the public halves are hybrid, and each handler's are their own", async () => {
    const [one, other] = [await publicHalves(newHandlerKeys()), await publicHalves(newHandlerKeys())]
    checkRecipient(one.recipient)
    refuses(() => checkRecipient(one.recipient.replace("age1pq1", "age1")), "not-hybrid")
    assert.notEqual(one.recipient, other.recipient)
    assert.notEqual(one.sign, other.sign)
})
