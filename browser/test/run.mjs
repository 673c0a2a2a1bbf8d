/**
 * Runs the tests: every test/**.test.ts goes through esbuild, then node:test.
 *
 *     npm test                     all
 *     npm test -- core             those of test/core
 *     npm test -- core/sealed      one file
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import * as esbuild from "esbuild"

const HERE = dirname(fileURLToPath(import.meta.url))
const wanted = process.argv.slice(2)

function testsIn(folder) {
    return readdirSync(folder).sort().flatMap((name) => {
        const path = join(folder, name)
        if (statSync(path).isDirectory()) return name.startsWith(".") ? [] : testsIn(path)
        return name.endsWith(".test.ts") ? [path] : []
    })
}

const tests = testsIn(HERE).filter((path) => wanted.length === 0 || wanted.some((one) => relative(HERE, path).startsWith(one)))
if (tests.length === 0) {
    console.error("no such test")
    process.exit(1)
}
// Inside the project, so that imports of packages resolve.
const out = mkdtempSync(join(HERE, ".built-"))
try {
    await esbuild.build({
        entryPoints: tests,
        outdir: out,
        outbase: HERE,
        outExtension: { ".js": ".mjs" },
        bundle: true,
        // The same age and noble for all modules of one test, as in the browser.
        packages: "external",
        format: "esm",
        platform: "node",
        target: "node20",
        sourcemap: "inline",
        logLevel: "warning",
    })
    const built = tests.map((path) => join(out, relative(HERE, path).replace(/\.ts$/, ".mjs")))
    const run = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...built], { stdio: "inherit", cwd: join(HERE, "..") })
    process.exitCode = run.status ?? 1
} finally {
    rmSync(out, { recursive: true, force: true })
}
