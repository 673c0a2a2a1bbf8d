/** `npm run -s tool -- <command> < in.json > out.json`: see tool.ts. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import * as esbuild from "esbuild"

const HERE = dirname(fileURLToPath(import.meta.url))
const [command, ...rest] = process.argv.slice(2)
const out = mkdtempSync(join(HERE, ".built-")) // inside the project, so that imports of packages resolve
try {
    const outfile = join(out, "tool.mjs")
    await esbuild.build({ entryPoints: [join(HERE, "tool.ts")], outfile, bundle: true, packages: "external", platform: "node", format: "esm", target: "node20" })
    const { COMMANDS } = await import(pathToFileURL(outfile).href)
    if (!Object.hasOwn(COMMANDS, command ?? "") || rest.length > 0) {
        console.error(`commands: ${Object.keys(COMMANDS).join(" ")}`)
        process.exitCode = 2
    } else {
        const input = command === "time" || process.stdin.isTTY ? "null" : readFileSync(0, "utf8")
        process.stdout.write(JSON.stringify(await COMMANDS[command](JSON.parse(input || "null"))) + "\n")
    }
} catch (error) {
    console.error(error.code ?? error.message)
    process.exitCode = 1
} finally {
    rmSync(out, { recursive: true, force: true })
}
