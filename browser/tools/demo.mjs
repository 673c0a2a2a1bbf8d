/** `node tools/demo.mjs < wanted.json > fixture.json`: see answerable/cli/demo/make_fixture.py. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import * as esbuild from "esbuild"

const HERE = dirname(fileURLToPath(import.meta.url))
const out = mkdtempSync(join(HERE, ".built-")) // inside the project, so that imports of packages resolve
try {
    const outfile = join(out, "demo.mjs")
    await esbuild.build({ entryPoints: [join(HERE, "demo.ts")], outfile, bundle: true, packages: "external", platform: "node", format: "esm", target: "node20" })
    const { demo } = await import(pathToFileURL(outfile).href)
    const made = await demo(JSON.parse(readFileSync(0, "utf8")))
    process.stdout.write(JSON.stringify(made))
} finally {
    rmSync(out, { recursive: true, force: true })
}
