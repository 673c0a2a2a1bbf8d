import assert from "node:assert/strict"
import { test } from "node:test"
import { detailOf, parseParcel } from "../../src/console/view-sealed.ts"

const whole = { v: 1, case: "AAAAAAAAAAAAAAAAAAAAAA", org: "tidewick", manifest: "AA", signature: "AA", event_key: "AA", report: "AA", keys: "AA", identity: null }

test("a sealed file is read as the reporter's page wrote it", () => {
    const parcel = parseParcel(JSON.stringify(whole) + "\n")
    assert.equal(parcel.org, "tidewick")
    assert.equal(parcel.body.identity, null)
    assert.equal(parseParcel(JSON.stringify({ ...whole, identity: "AA" })).body.identity, "AA")
})

test("whatever is no whole sealed file is refused in one way", () => {
    const { report: _, ...without } = whole
    for (const text of ["", "{", "null", "[]", "1", JSON.stringify({ ...whole, v: 2 }), JSON.stringify(without), JSON.stringify({ ...whole, case: "AA" }), JSON.stringify({ ...whole, keys: 7 }), " ".repeat(5_000_000)]) {
        assert.throws(() => parseParcel(text), { code: "not-a-sealed-file" }, text.slice(0, 40))
    }
})

test("a parcel without a readable manifest shows nothing", () => {
    assert.throws(() => detailOf(parseParcel(JSON.stringify(whole)), "2026-11-25T00:00:00Z"), { name: /./, code: /./ })
})
