/**
 * What the type checker cannot see: names that only some modules may use. `node lint.mjs [folder…]`
 *
 * A line that must break a rule says why: `// lint: <rule> because …`.
 */
import { readFileSync, readdirSync, statSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"

const HERE = dirname(fileURLToPath(import.meta.url))

/** `only`: files (or folders, with "/") that may; `within`: where the rule holds. */
export const RULES = [
    {
        name: "raw-age",
        why: "typage makes X25519 keys and mixes recipients silently; go through core/sealed.ts or core/handlerkeys.ts",
        pattern: /\b(?:generateIdentity|generateX25519Identity|generateHybridIdentity|identityToRecipient|Encrypter|Decrypter)\b|["']age-encryption["']/,
        within: ["src/", "tools/"],
        only: ["src/core/age.ts", "src/core/handlerkeys.ts"],
    },
    {
        name: "age-module",
        why: "core/age.ts knows no purpose, organisation or case; go through core/sealed.ts",
        pattern: /(?:from|import\() ?["'][./]+(?:core\/)?age(?:\.ts)?["']/,
        within: ["src/", "tools/"],
        only: ["src/core/sealed.ts", "src/core/handlerkeys.ts"],
    },
    {
        name: "subtle",
        why: "missing on insecure onion pages and in some in-app browsers",
        pattern: /\bcrypto\.subtle\b|\brandomUUID\b/,
        within: ["src/"],
        only: [],
    },
    {
        name: "html-from-text",
        why: "trusted types refuse it; build nodes",
        pattern: /\b(?:innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment)\b|document\.write|\beval\(|new Function\b|\bWebAssembly\b/,
        within: ["src/"],
        only: [],
    },
    {
        name: "randomness",
        why: "draws that decide anything come from core/bytes.ts; pauses between tries may use it",
        pattern: /\bMath\.random\b/,
        within: ["src/"],
        only: ["src/net/api.ts", "src/files/upload.ts"],
    },
    {
        name: "modern-only",
        why: "old phones lack it",
        pattern: /\bstructuredClone\b|AbortSignal\.(?:timeout|any)\b|Promise\.withResolvers|\bscheduler\.(?:yield|postTask)\b/,
        within: ["src/"],
        only: ["src/console/"],
    },
    {
        name: "storage-in-core",
        why: "open keys live in memory only",
        pattern: /\b(?:localStorage|sessionStorage|indexedDB)\b|document\.cookie|\bconsole\.\w+\(/,
        within: ["src/core/", "src/net/"],
        only: [],
    },
]

/** [rule, line number] of every breach in a file's text. */
export function breaches(path, text) {
    const found = []
    text.split("\n").forEach((line, i) => {
        if (/^\s*(?:\/\/|\*|\/\*)/.test(line)) return
        for (const rule of RULES) {
            const applies = rule.within.some((folder) => path.startsWith(folder))
            const allowed = rule.only.some((one) => path === one || (one.endsWith("/") && path.startsWith(one)))
            if (!applies || allowed || !rule.pattern.test(line)) continue
            if (!line.includes(`// lint: ${rule.name} because `)) found.push([rule, i + 1])
        }
    })
    return found
}

export function sources(folder = HERE) {
    return ["src", "tools"].flatMap(function walk(name) {
        const path = join(folder, name)
        if (!statSync(path).isDirectory()) return name.endsWith(".ts") ? [name] : []
        return readdirSync(path).sort().flatMap((one) => walk(join(name, one)))
    })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    let count = 0
    for (const path of sources()) {
        for (const [rule, line] of breaches(relative(HERE, join(HERE, path)), readFileSync(join(HERE, path), "utf8"))) {
            console.error(`${path}:${line}: ${rule.name}: ${rule.why}`)
            count++
        }
    }
    if (count > 0) process.exit(1)
}
