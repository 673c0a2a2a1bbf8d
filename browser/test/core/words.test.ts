import { strict as assert } from "node:assert"
import { test } from "node:test"
import { generateMnemonic, mnemonicToEntropy } from "@scure/bip39"
import { hex, randomBytes, unhex } from "../../src/core/bytes.ts"
import { WrongWords } from "../../src/core/errors.ts"
import { chinese } from "../../src/core/words-zh.ts"
import { english } from "../../src/core/words-en.ts"
import { checkPositions, fromWords, newPassphrase, normalPassphrase, sameWord, toWords } from "../../src/core/words.ts"

function wrong(input: string, list = english): WrongWords {
    try {
        fromWords(input, list)
    } catch (error) {
        assert.ok(error instanceof WrongWords)
        return error
    }
    return assert.fail("it was taken")
}

test("the words are those of BIP-39's published vectors", () => {
    // https://github.com/trezor/python-mnemonic/blob/master/vectors.json
    const published: readonly [string, string][] = [
        ["00000000000000000000000000000000", "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"],
        ["7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f", "legal winner thank year wave sausage worth useful legal winner thank yellow"],
        ["80808080808080808080808080808080", "letter advice cage absurd amount doctor acoustic avoid letter advice cage above"],
        ["ffffffffffffffffffffffffffffffff", "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong"],
    ]
    for (const [entropy, words] of published) {
        assert.equal(toWords(unhex(entropy), english).join(" "), words)
        assert.equal(hex(fromWords(words, english)), entropy)
    }
})

test("both languages come back, however they are typed", () => {
    for (let i = 0; i < 20; i++) {
        const secret = randomBytes(16)
        const en = toWords(secret, english)
        assert.deepEqual(fromWords(`  ${en.join(" \n\t ").toUpperCase()} `, english), secret)
        assert.deepEqual(mnemonicToEntropy(en.join(" "), english.words as string[]), secret)
        const zh = toWords(secret, chinese)
        assert.equal(zh.length, 12)
        for (const between of ["", " ", "\u3000", "\n"]) assert.deepEqual(fromWords(zh.join(between), chinese), secret)
    }
})

test("a word that is not on the list is named with its place", () => {
    const error = wrong("abandon abandon abandom abandon")
    assert.deepEqual([error.code, error.word, error.position], ["word-not-listed", "abandom", 3])
    assert.equal(error.message.includes("abandom"), false)
    assert.equal(wrong("的一是X", chinese).word, "x")
})

test("too few words, and words out of order, are told apart from unknown ones", () => {
    assert.equal(wrong("abandon about").code, "word-count")
    assert.equal(wrong("").code, "word-count")
    let told = 0
    for (let i = 0; i < 30; i++) {
        const words = generateMnemonic(english.words as string[], 128).split(" ")
        words.unshift(words.pop() as string)
        try {
            fromWords(words.join(" "), english)
        } catch (error) {
            assert.equal((error as WrongWords).code, "words-wrong")
            told++
        }
    }
    // The checksum of four bits misses one in sixteen.
    assert.ok(told > 20)
})

test("two different places are asked for, in order, and each can come up", () => {
    const seen = new Set<number>()
    for (let i = 0; i < 500; i++) {
        const [first, second] = checkPositions()
        assert.ok(first >= 1 && first < second && second <= 12)
        seen.add(first).add(second)
    }
    assert.equal(seen.size, 12)
    assert.ok(sameWord(" Zoo ", "zoo"))
    assert.ok(!sameWord("zo", "zoo"))
})

test("a handler's passphrase is seven words, typed in any spacing", () => {
    for (const list of [english, chinese]) {
        const words = newPassphrase(list)
        assert.equal(words.length, 7)
        assert.equal(normalPassphrase(words.join("  ").toUpperCase(), list), words.join(" "))
        assert.throws(() => normalPassphrase(words.slice(1).join(" "), list), WrongWords)
    }
})
