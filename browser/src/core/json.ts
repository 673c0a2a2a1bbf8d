/**
 * A reader of JSON that takes only what every reader understands alike (PROTOCOLS 2.1, RFC 8785).
 *
 * `JSON.parse` keeps the last of two equal names and rounds large numbers; Python does otherwise or can be
 * told to. What was signed must not depend on that, so the doubtful is refused.
 */
import { Malformed } from "./errors.ts"

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json | undefined }

const DEEPEST = 64

/** Throws Malformed "bad-json". */
export function readJson(source: string): Json {
    const reader = new Reader(source)
    const value = reader.value(0)
    reader.end()
    return value
}

class Reader {
    private at = 0

    constructor(private readonly source: string) {}

    value(depth: number): Json {
        if (depth > DEEPEST) fail()
        this.space()
        const first = this.source.charAt(this.at)
        if (first === "{") return this.object(depth)
        if (first === "[") return this.array(depth)
        if (first === '"') return this.string()
        if (this.takes("null")) return null
        if (this.takes("true")) return true
        if (this.takes("false")) return false
        return this.integer()
    }

    end(): void {
        this.space()
        if (this.at !== this.source.length) fail()
    }

    private object(depth: number): Json {
        const members = new Map<string, Json>()
        this.at++
        this.space()
        if (this.takes("}")) return {}
        do {
            this.space()
            const name = this.string()
            if (members.has(name) || !/^[\x00-\x7f]*$/.test(name)) fail()
            this.space()
            if (!this.takes(":")) fail()
            members.set(name, this.value(depth + 1))
            this.space()
        } while (this.takes(","))
        if (!this.takes("}")) fail()
        const object: Record<string, Json> = {}
        // Defined, not assigned: a member called __proto__ must stay a member.
        members.forEach((value, name) =>
            Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true }),
        )
        return object
    }

    private array(depth: number): Json {
        const items: Json[] = []
        this.at++
        this.space()
        if (this.takes("]")) return items
        do {
            items.push(this.value(depth + 1))
            this.space()
        } while (this.takes(","))
        if (!this.takes("]")) fail()
        return items
    }

    private string(): string {
        const from = this.at
        if (this.source.charAt(this.at) !== '"') fail()
        for (this.at++; ; this.at++) {
            const c = this.source.charAt(this.at)
            if (c === "") fail()
            if (c === "\\") this.at++
            else if (c === '"') break
        }
        this.at++
        let value: unknown
        try {
            value = JSON.parse(this.source.slice(from, this.at))
        } catch {
            fail()
        }
        if (typeof value !== "string" || hasLoneSurrogate(value)) fail()
        return value as string
    }

    private integer(): number {
        const found = /^(?:0|-?[1-9][0-9]{0,15})(?![0-9.eE])/.exec(this.source.slice(this.at, this.at + 20))
        if (found === null) return fail()
        const n = Number(found[0])
        if (!Number.isSafeInteger(n)) fail()
        this.at += found[0].length
        return n
    }

    private takes(token: string): boolean {
        if (!this.source.startsWith(token, this.at)) return false
        this.at += token.length
        return true
    }

    private space(): void {
        while (/[ \t\n\r]/.test(this.source.charAt(this.at))) this.at++
    }
}

function fail(): never {
    throw new Malformed("bad-json")
}

function hasLoneSurrogate(s: string): boolean {
    if (!/[\uD800-\uDFFF]/.test(s)) return false
    for (const character of s) if (/^[\uD800-\uDFFF]$/.test(character)) return true
    return false
}
