/** `node test/console/maker.mjs < wanted.json`: see maker.ts. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import * as esbuild from "esbuild"

const HERE = dirname(fileURLToPath(import.meta.url))
const out = mkdtempSync(join(HERE, ".built-")) // inside the project, so that imports of packages resolve
try {
    const outfile = join(out, "maker.mjs")
    await esbuild.build({ entryPoints: [join(HERE, "maker.ts")], outfile, bundle: true, packages: "external", platform: "node", format: "esm", target: "node20" })
    const { make } = await import(pathToFileURL(outfile).href)
    process.stdout.write(JSON.stringify(await make(JSON.parse(readFileSync(0, "utf8")))))
} finally {
    rmSync(out, { recursive: true, force: true })
}
