/** The build that a release signs: the same bytes each time, and only what the pages need. */
import { strict as assert } from "node:assert"
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { brotliDecompressSync, gunzipSync } from "node:zlib"

interface Manifest {
    version: string
    csp: string
    entries: Record<string, string>
    files: { path: string; sha256: string; bytes: number }[]
}

function build(out: string, ...more: string[]): void {
    execFileSync(process.execPath, ["build.mjs", ...more], { env: { ...process.env, BUNDLE_OUT: out }, stdio: "pipe" })
}

let out: string

before(() => {
    out = mkdtempSync(join(tmpdir(), "bundle-"))
    build(out)
})

after(() => rmSync(out, { recursive: true, force: true }))

const built = (): string[] => (readdirSync(out, { recursive: true }) as string[]).filter((path) => statSync(join(out, path)).isFile())

test("two builds are the same, byte for byte, and the manifest lists what stands there", () => {
    build(out, "--check")
    const manifest = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8")) as Manifest
    assert.ok(manifest.csp.includes("require-trusted-types-for 'script'") && !/unsafe|wasm/.test(manifest.csp))
    for (const { path, sha256, bytes } of manifest.files) {
        const file = readFileSync(join(out, path))
        assert.equal(createHash("sha256").update(file).digest("hex"), sha256)
        assert.equal(file.length, bytes)
        assert.ok(brotliDecompressSync(readFileSync(join(out, `${path}.br`))).equals(file))
        assert.ok(gunzipSync(readFileSync(join(out, `${path}.gz`))).equals(file))
    }
    assert.equal(built().length, 3 * manifest.files.length + 1)
    for (const path of Object.values(manifest.entries)) assert.ok(manifest.files.some((file) => file.path === path))
})

test("pages hold no script, style or handler of their own, and ask for nothing from elsewhere", () => {
    const pages = built().filter((path) => path.endsWith(".html"))
    assert.ok(pages.length >= 12)
    for (const path of pages) {
        // The icon is a picture inside the page.
        const html = readFileSync(join(out, path), "utf8").replace(/href="data:image[^"]*"/g, "")
        assert.doesNotMatch(html, /<script(?![^>]* src="\/assets\/)|<style|\sstyle=|<[^>]*\son[a-z]+="|="javascript:/i, path)
        assert.doesNotMatch(html, /\ssrc="(?:https?:)?\/\/|<link[^>]* href="(?:https?:)?\/\//, path)
        assert.doesNotMatch(html, /\{\{|\}\}/, path)
    }
})

test("no script of ours makes code or HTML out of text", () => {
    for (const path of built().filter((one) => /\/(?!pdf\.)[^/]*\.js$/.test(one))) {
        assert.doesNotMatch(readFileSync(join(out, path), "utf8"), /\beval\(|new Function\(|\.innerHTML\s*=|document\.write\(/, path)
    }
})
