import { strict as assert } from "node:assert"
import { readFileSync } from "node:fs"
import { test } from "node:test"
// The linter runs as it is, so that it can be tried on broken lines.
const { breaches, sources } = (await import(`${process.cwd()}/lint.mjs`)) as {
    breaches: (path: string, text: string) => [{ name: string }, number][]
    sources: () => string[]
}

test("no module of ours uses what the lint forbids", () => {
    const found = sources().flatMap((path) => breaches(path, readFileSync(path, "utf8")).map(([rule, line]) => `${path}:${line} ${rule.name}`))
    assert.deepEqual(found, [])
    assert.ok(sources().length > 30)
})

test("raw age, HTML from text, subtle crypto and storage in the core are seen", () => {
    const seen = (path: string, line: string): string[] => breaches(path, line).map(([rule]) => rule.name)
    assert.deepEqual(seen("src/report/main.ts", 'import { Encrypter } from "age-encryption"'), ["raw-age"])
    assert.deepEqual(seen("src/core/handlerkeys.ts", 'import { Encrypter } from "age-encryption"'), [])
    assert.deepEqual(seen("src/console/x.ts", "const id = await generateX25519Identity()"), ["raw-age"])
    assert.deepEqual(seen("src/console/x.ts", 'import { envelope } from "../core/age.ts"'), ["age-module"])
    assert.deepEqual(seen("src/ui/x.ts", "node.innerHTML = words"), ["html-from-text"])
    assert.deepEqual(seen("src/core/x.ts", "crypto.subtle.digest()"), ["subtle"])
    assert.deepEqual(seen("src/core/x.ts", "sessionStorage.setItem(key, seed)"), ["storage-in-core"])
    assert.deepEqual(seen("src/core/x.ts", "// crypto.subtle is missing there"), [])
})
