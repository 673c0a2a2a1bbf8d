/** Both languages say the same things, each in its own words; every string that is used is there. */
import { strict as assert } from "node:assert"
import { readFileSync, readdirSync } from "node:fs"
import { test } from "node:test"

const read = (language: string): Record<string, string> => JSON.parse(readFileSync(`pages/strings-return.${language}.json`, "utf8"))
const [en, zh] = [read("en"), read("zh")]
const places = (text: string): string => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))].sort().join()
/** Chinese has no singular of its own. */
const alone = (key: string): boolean => key.endsWith(".one")

test("every string is there in both languages, with the same places to fill", () => {
    assert.deepEqual(Object.keys(zh).sort(), Object.keys(en).filter((key) => !alone(key)).sort())
    for (const key of Object.keys(zh)) assert.equal(places(zh[key] as string), places(en[key] as string), key)
})

test("Chinese keeps its own marks and no Latin stops", () => {
    for (const [key, text] of Object.entries(zh)) {
        assert.ok(!/[\u4e00-\u9fff][,;:!?]|[,;:!?][\u4e00-\u9fff]|"/.test(text), key)
        assert.ok(!/您|进行|相关|予以/.test(text), key)
    }
})

test("nobody is called what our glossary forbids", () => {
    for (const [key, text] of Object.entries({ ...en, ...zh })) assert.ok(!/victim|accused|ticket|\bSLA\b|\buser\b|受害者|加害人|工单/i.test(text), key)
})

test("every string that the code names stands in the file", () => {
    const sources = ["src/files", "src/sheets", "src/return"].flatMap((folder) => readdirSync(folder).filter((name) => name.endsWith(".ts")).map((name) => readFileSync(`${folder}/${name}`, "utf8")))
    const named = sources.join("\n").matchAll(/"((?:files|receipt|promise|return)\.[a-z0-9-]+)"/g)
    const events = new Set(["promise.kept", "promise.missed"]) // types of leaves, not strings
    for (const [, key] of named) if (!events.has(key as string)) assert.ok(en[key as string] !== undefined || en[`${key}.other`] !== undefined, key)
})
