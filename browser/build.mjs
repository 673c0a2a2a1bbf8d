/**
 * Builds everything that the site serves to browsers into answerable/ui/bundle/, byte for byte the same each time.
 *
 *     assets/<name>.<hash>.{js,css}   scripts and styles, named by their content
 *     pages/<en|zh>/<name>.html       static pages, one per language, from pages/*.html and pages/strings*.<lang>.json
 *     manifest.json                   {version, csp, entries: {"start.en.js": "assets/…"}, files: [{path, sha256, bytes}]}
 *
 * Beside each file stand .br and .gz. The manifest is what a release signs and logs (`release.code`), and what
 * `answerable-verify site` compares with what a server really serves.
 *
 * Templates: {{> _part.html}}, {{t key}} (escaped), {{lang}}, {{htmllang}}, {{otherlang}}, {{asset name}},
 * {{preload name}} (the hashed name of a lazy chunk). `{{asset report.js}}` is the entry of the page's language.
 *
 * `npm run build -- --check` writes nothing and fails unless what stands there is what would be built.
 * `npm run build -- --only reporter` (or console), while writing, leaves the other's scripts out.
 *
 * Handlers' scripts are built in a run of their own: reporters' pages must not change when a console does.
 */
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { brotliCompressSync, constants, gzipSync } from "node:zlib"
import * as esbuild from "esbuild"

const HERE = dirname(fileURLToPath(import.meta.url))
const OUT = process.env.BUNDLE_OUT ?? join(HERE, "..", "answerable", "ui", "bundle")
const LANGUAGES = { en: "en", zh: "zh-CN" }
/** Compressed bytes of a reporter's first page, everything included (ARCHITECTURE, figures to reach). */
const FIRST_PAGE_LIMIT = 60_000
const REPORTER_TARGET = ["es2020", "safari14", "chrome80", "firefox102"]
const CONSOLE_TARGET = ["es2022", "safari16", "chrome108", "firefox115"]
const CSP =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src blob:; font-src 'self'; " +
    "worker-src 'self'; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; " +
    "require-trusted-types-for 'script'; trusted-types 'none'"

const { version } = JSON.parse(readFileSync(join(HERE, "package.json"), "utf8"))
const files = new Map() // path inside the bundle -> Buffer
const entries = {} // plain name -> path inside the bundle
const graph = new Map() // path of a script -> paths that it loads at once
const absent = new Set() // entries that nobody wrote yet

const only = process.argv.includes("--only") ? process.argv[process.argv.indexOf("--only") + 1] : null
await scripts(reporterEntries(), REPORTER_TARGET, only !== "console")
await scripts([["console", "src/console/main.ts"]], CONSOLE_TARGET, only !== "reporter")
await styles()
pages()
const bundle = packed()
if (process.argv.includes("--check")) compare(bundle)
else write(bundle)
report()

/** [plain name, source]: one entry per page and language, so that a page loads its own words only. */
function reporterEntries() {
    const found = []
    for (const lang of Object.keys(LANGUAGES)) {
        for (const page of ["start", "report", "return"]) found.push([`${page}.${lang}`, `src/${page}/${lang}.ts`])
        for (const page of ["help", "keep", "about"]) found.push([`${page}.${lang}`, `src/start/${page}.${lang}.ts`])
    }
    return found
}

async function scripts(wanted, target, build) {
    const standing = wanted.filter(([name, source]) => {
        if (build && existsSync(join(HERE, source))) return true
        absent.add(`${name}.js`)
        return false
    })
    if (standing.length === 0) return
    const result = await esbuild.build({
        absWorkingDir: HERE,
        entryPoints: standing.map(([out, input]) => ({ out, in: input })),
        entryNames: "[name].[hash]",
        chunkNames: "[name].[hash]",
        assetNames: "[name].[hash]",
        outdir: "assets",
        bundle: true,
        splitting: true,
        format: "esm",
        platform: "browser",
        target,
        // Safari 14.0 slips only where a destructured parameter's default captures a variable; esbuild can't lower any.
        supported: { destructuring: true },
        charset: "utf8",
        minify: true,
        legalComments: "none",
        metafile: true,
        write: false,
        logLevel: "warning",
    })
    for (const file of result.outputFiles) files.set(relative(HERE, file.path), Buffer.from(file.contents))
    for (const [path, output] of Object.entries(result.metafile.outputs)) {
        graph.set(path, output.imports.filter((one) => one.kind === "import-statement").map((one) => one.path))
        const entry = standing.find(([, source]) => source === output.entryPoint)
        if (entry !== undefined) entries[`${entry[0]}.js`] = path
        else if (output.entryPoint !== undefined) entries[`lazy/${output.entryPoint}`] = path
    }
}

/** One file for reporters' pages, one for consoles; a file with "+" parts is the parts in order. */
async function styles() {
    for (const [name, parts] of [
        ["reporter", ["reporter", "sheets", "files"]],
        ["console", ["console", "console-sheets"]],
    ]) {
        const standing = parts.map((part) => `css/${part}.css`).filter((path) => existsSync(join(HERE, path)))
        if (!existsSync(join(HERE, `css/${name}.css`))) {
            absent.add(`${name}.css`)
            continue
        }
        const result = await esbuild.build({
            absWorkingDir: HERE,
            stdin: { contents: standing.map((path) => `@import "./${path}";`).join("\n"), loader: "css", resolveDir: HERE },
            bundle: true,
            minify: true,
            charset: "utf8",
            target: REPORTER_TARGET,
            loader: { ".svg": "dataurl" },
            write: false,
            logLevel: "warning",
        })
        const css = Buffer.from(result.outputFiles[0].contents)
        const path = `assets/${name}.${sha256(css).slice(0, 10)}.css`
        files.set(path, css)
        entries[`${name}.css`] = path
    }
}

function pages() {
    const folder = join(HERE, "pages")
    if (!existsSync(folder)) return
    const templates = readdirSync(folder).filter((name) => /^[a-z].*\.html$/.test(name)).sort()
    for (const lang of Object.keys(LANGUAGES)) {
        const strings = stringsOf(folder, lang)
        for (const template of templates) {
            const html = page(folder, template, lang, strings)
            if (html !== null) files.set(`pages/${lang}/${template}`, Buffer.from(html))
        }
    }
}

function stringsOf(folder, lang) {
    const strings = {}
    for (const name of readdirSync(folder).sort()) {
        if (!name.startsWith("strings") || !name.endsWith(`.${lang}.json`)) continue
        Object.assign(strings, JSON.parse(readFileSync(join(folder, name), "utf8")))
    }
    return strings
}

/** The page's HTML; null, and said, while its script or style is not written yet. */
function page(folder, template, lang, strings) {
    let missing = null
    const fill = (source, depth) => {
        if (depth > 8) throw new Error(`${template}: parts go round in circles`)
        return source.replace(/\{\{(>|t|asset|preload)? ?([^{}]+?)\}\}/g, (whole, kind, name) => {
            if (kind === ">") return fill(readFileSync(join(folder, name), "utf8").replace(/\n$/, ""), depth + 1)
            if (kind === "t") return escaped(strings[name] ?? fail(`${template}: no string ${name} in ${lang}`))
            if (kind === undefined) return { lang, htmllang: LANGUAGES[lang], otherlang: lang === "en" ? "zh" : "en" }[name] ?? fail(`${template}: what is ${whole}?`)
            const plain = kind === "preload" ? `lazy/${name}` : name.replace(/\.js$/, `.${lang}.js`)
            const path = entries[plain] ?? entries[name]
            if (path === undefined && !absent.has(plain) && !absent.has(name)) fail(`${template}: there is no asset ${name}`)
            if (path === undefined) missing = name
            return `/${path}`
        })
    }
    const html = fill(readFileSync(join(folder, template), "utf8"), 0)
    if (missing === null) return html.replace(/<script type="module" src="\/([^"]+)"><\/script>/g, (script, path) => preloads(path) + script)
    console.log(`left out  pages/${lang}/${template}: ${missing} is not written yet`)
    return null
}

/** Without these a browser learns of each part only when the one before has come. */
function preloads(path) {
    return [...atOnce(path)].filter((one) => one !== path).sort().map((one) => `<link rel="modulepreload" href="/${one}">\n`).join("")
}

/** A script and all that it loads before it runs. */
function atOnce(path, found = new Set()) {
    if (found.has(path)) return found
    found.add(path)
    for (const next of graph.get(path) ?? []) atOnce(next, found)
    return found
}

function fail(message) {
    throw new Error(message)
}

function escaped(text) {
    return text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c])
}

function sha256(bytes) {
    return createHash("sha256").update(bytes).digest("hex")
}

/** Every file as it is written: path inside the bundle -> bytes. */
function packed() {
    const listed = [...files].sort(([a], [b]) => (a < b ? -1 : 1))
    const manifest = {
        version,
        csp: CSP,
        entries: Object.fromEntries(Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1))),
        files: listed.map(([path, bytes]) => ({ path, sha256: sha256(bytes), bytes: bytes.length })),
    }
    const bundle = new Map()
    for (const [path, bytes] of listed) bundle.set(path, bytes).set(`${path}.br`, brotli(bytes)).set(`${path}.gz`, gzip(bytes))
    return bundle.set("manifest.json", Buffer.from(JSON.stringify(manifest, null, 1) + "\n"))
}

function write(bundle) {
    for (const folder of ["assets", "pages"]) rmSync(join(OUT, folder), { recursive: true, force: true })
    for (const [path, bytes] of bundle) {
        mkdirSync(dirname(join(OUT, path)), { recursive: true })
        writeFileSync(join(OUT, path), bytes)
    }
}

function compare(bundle) {
    const standing = new Set(existsSync(OUT) ? readdirSync(OUT, { recursive: true }).filter((path) => statSync(join(OUT, path)).isFile()) : [])
    const differs = [...bundle].filter(([path, bytes]) => !standing.delete(path) || !readFileSync(join(OUT, path)).equals(bytes)).map(([path]) => path)
    for (const path of [...differs, ...standing].filter((one) => !one.startsWith("."))) {
        console.error(`not as built: ${path}`)
        process.exitCode = 1
    }
}

function brotli(bytes) {
    return brotliCompressSync(bytes, {
        params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    })
}

function gzip(bytes) {
    const packed = gzipSync(bytes, { level: 9 })
    packed[9] = 255 // the operating system's number: unknown, so that builds are alike everywhere
    return packed
}

/** What a first visit loads, everything included; more than the limit is an error. */
function report() {
    let tooLarge = false
    for (const path of [...files.keys()].filter((one) => one.startsWith("pages/"))) {
        const loaded = new Set([path])
        for (const [, found] of files.get(path).toString().matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)) atOnce(found, loaded)
        const total = (suffix) => [...loaded].reduce((sum, one) => sum + bundle.get(one + suffix).length, 0)
        const [br, gz] = [total(".br"), total(".gz")]
        tooLarge ||= br > FIRST_PAGE_LIMIT
        console.log(`${path.padEnd(26)} brotli ${String(br).padStart(6)}  gzip ${String(gz).padStart(6)}  ${loaded.size} files`)
    }
    if (tooLarge) {
        console.error(`a first page is above ${FIRST_PAGE_LIMIT} bytes`)
        process.exitCode = 1
    }
}
