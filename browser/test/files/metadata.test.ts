/** Cutting metadata out of bytes: whatever arrives, the answer is a picture without any, or a refusal. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import { FileError } from "../../src/files/errors.ts"
import { assertClean, sizeOf, strip, type Picture } from "../../src/files/metadata.ts"
import { HEAD, sniff } from "../../src/files/sniff.ts"

const TYPES: Picture[] = ["image/jpeg", "image/png", "image/webp"]
const text = (s: string): number[] => [...s].map((c) => c.charCodeAt(0))
const segment = (marker: number, body: number[]): number[] => [0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255, ...body]
const scan = [0xff, 0xda, 0, 4, 1, 2, 9, 0xff, 0, 8, 0xff, 0xd0, 7]
const jfif = segment(0xe0, [...text("JFIF\0"), 1, 1, 0, 0, 1, 0, 1, 0, 0])
const frame = segment(0xc0, [8, 0, 40, 0, 60, 1, 1, 0x11, 0])
const jpeg = (...extra: number[][]): Uint8Array => Uint8Array.from([0xff, 0xd8, ...jfif, ...extra.flat(), ...frame, ...scan, 0xff, 0xd9])

/** A generator that gives the same numbers each run. */
function* numbers(seed: number): Generator<number> {
    for (let x = seed; ; ) yield (x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0) >>> 16
}

test("a picture with nothing hidden in it stays the same bytes", () => {
    const bytes = jpeg()
    const { bytes: after, found } = strip(bytes, "image/jpeg")
    assert.deepEqual([...after], [...bytes])
    assert.deepEqual(found, [])
    assert.doesNotThrow(() => assertClean(bytes, "image/jpeg"))
})

test("segments that are not image go, and are named", () => {
    const exif = [...text("Exif\0\0MM\0*\0\0\0\x08"), 0, 2, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    const bytes = jpeg(segment(0xe1, exif), segment(0xe1, text("http://ns.adobe.com/xap/1.0/\0x")), segment(0xfe, text("hello")), segment(0xe2, text("ICC_PROFILE\0a")), segment(0xeb, text("unknown")))
    const { bytes: after, found, orientation } = strip(bytes, "image/jpeg")
    assert.deepEqual([...after], [...jpeg()])
    assert.deepEqual(found, ["more", "place", "profile", "text"])
    assert.equal(orientation, 6)
    assert.throws(() => assertClean(bytes, "image/jpeg"), FileError)
})

test("what hangs behind the picture's end is cut off", () => {
    const { bytes, found } = strip(Uint8Array.from([...jpeg(), ...text("ftypmp42 a whole film")]), "image/jpeg")
    assert.deepEqual([...bytes], [...jpeg()])
    assert.deepEqual(found, ["more"])
})

test("the size is read before anything is decoded", () => {
    assert.deepEqual(sizeOf(jpeg(segment(0xfe, text("x"))), "image/jpeg"), { width: 60, height: 40 })
})

test("any cut of a picture is a picture or a FileError, and never hangs", () => {
    const whole = jpeg(segment(0xfe, text("hello")))
    for (let length = 0; length <= whole.length; length++) {
        for (const type of TYPES) {
            try {
                strip(whole.subarray(0, length), type)
            } catch (fault) {
                assert.ok(fault instanceof FileError, String(fault))
            }
        }
    }
})

test("noise is refused with a FileError only", () => {
    const random = numbers(20_261_103)
    const heads: number[][] = [[0xff, 0xd8], [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10], [...text("RIFF"), 40, 0, 0, 0, ...text("WEBP")]]
    for (let round = 0; round < 3000; round++) {
        const type = TYPES[round % 3] as Picture
        const noise = Array.from({ length: (random.next().value as number) % 60 }, () => (random.next().value as number) & 255)
        const bytes = Uint8Array.from([...(heads[round % 3] as number[]), ...noise])
        try {
            const { bytes: after } = strip(bytes, type)
            assert.doesNotThrow(() => assertClean(after, type))
        } catch (fault) {
            assert.ok(fault instanceof FileError, String(fault))
        }
        sizeOf(bytes, type)
        sniff(bytes.subarray(0, HEAD), "a.bin")
    }
})

test("bytes decide what a file is, not its name", () => {
    assert.equal(sniff(jpeg(), "holiday.pdf").type, "image/jpeg")
    assert.equal(sniff(Uint8Array.from(text("%PDF-1.7")), "photo.jpg").treatment, "pdf")
    assert.equal(sniff(Uint8Array.from(text("PK\x03\x04")), "a.docx").treatment, "office")
    assert.equal(sniff(new Uint8Array(0), "").treatment, "other")
})
