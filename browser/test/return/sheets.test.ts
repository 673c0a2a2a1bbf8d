/** Seals, codes and dates on paper: two receipts never look alike, and the code holds what it says. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import decodeQR from "qr/decode.js"
import { b64, unhex } from "../../src/core/bytes.ts"
import { chinese } from "../../src/core/words-zh.ts"
import { canDownload } from "../../src/sheets/keep.ts"
import { wrap } from "../../src/sheets/picture.ts"
import { reading } from "../../src/sheets/pinyin.ts"
import { qrModules, qrPath } from "../../src/sheets/qr.ts"
import { fingerprint, qrText, receiptName } from "../../src/sheets/receipt.ts"
import { ringPath } from "../../src/sheets/seal.ts"

/** The fingerprint on the design's own receipt (design/look/06-receipt.html). */
const drawn = unhex("2de715259718b9d42346cb766815e7e91391e22db460eee1fa516d9662508e2f")

test("the seal is the design's: 64 spokes, each as long as its digit", () => {
    const path = ringPath(drawn)
    assert.ok(path.startsWith("M50.0 20.0L50.0 14.9M52.9 20.1L54.6 3.6M55.9 20.6L59.3 3.2M58.7 21.3L61.7 11.4"))
    assert.equal(path.split("M").length - 1, 64)
})

test("one bit of another leaf changes the seal", () => {
    const other = drawn.slice()
    other[31] = (other[31] as number) ^ 1
    assert.notEqual(ringPath(other), ringPath(drawn))
})

test("the code on the receipt reads back as origin, index and leaf hash", () => {
    const text = qrText({ origin: "answers.tidewick.example/log/tidewick", index: 18_204, leafHash: drawn })
    assert.equal(text, `answers.tidewick.example/log/tidewick\n18204\n${b64(drawn)}`)
    const modules = qrModules(text)
    const scale = 4
    const quiet = 4
    const side = (modules.length + 2 * quiet) * scale
    const data = new Uint8Array(side * side * 4).fill(255)
    modules.forEach((row, y) => row.forEach((dark, x) => {
        if (!dark) return
        for (let i = 0; i < scale * scale; i++) {
            const at = 4 * (((y + quiet) * scale + Math.floor(i / scale)) * side + (x + quiet) * scale + (i % scale))
            data.fill(0, at, at + 3)
        }
    }))
    assert.equal(decodeQR({ width: side, height: side, data }), text)
    assert.equal((qrPath(modules).match(/M/g) ?? []).length > 50, true)
})

test("the fingerprint is all 64 digits in groups of four", () => {
    const pieces = ["2de7 1525 9718 b9d4", "2346 cb76 6815 e7e9", "1391 e22d b460 eee1", "fa51 6d96 6250 8e2f"]
    assert.deepEqual(fingerprint(drawn), pieces)
})

test("a receipt's file name says nothing of what it is about", () => {
    assert.equal(receiptName({ index: 7 }), "receipt-7.tlog-proof")
})

test("browsers inside other apps are known to drop downloads", () => {
    assert.equal(canDownload("Mozilla/5.0 (Linux; Android 12) Chrome/107 MicroMessenger/8.0.30.2244(0x28001E3B)"), false)
    assert.equal(canDownload("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) AppleWebKit/605 DingTalk/7.0"), false)
    assert.equal(canDownload("Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0"), true)
})

test("every character of the Chinese list has one reading, in the list's order", () => {
    const at = (character: string): string => reading(chinese.words.indexOf(character))
    assert.equal(chinese.words.filter((_, i) => /^[a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]+$/.test(reading(i))).length, 2048)
    assert.deepEqual(["的", "一", "女", "重", "行", "歇"].map(at), ["de", "yī", "nǚ", "zhòng", "xíng", "xiē"])
    assert.equal(reading(2048), "")
})

test("lines break at spaces, and between any two Chinese characters", () => {
    const pen = { measureText: (text: string) => ({ width: text.length }) as TextMetrics }
    assert.deepEqual(wrap(pen, "one two three", 8), ["one two", "three"])
    assert.deepEqual(wrap(pen, "封好的一份报告", 3), ["封好的", "一份报", "告"])
})
