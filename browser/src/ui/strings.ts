/**
 * What a page says, in its own language. Each page's entry calls `speak` once with its strings;
 * nothing is translated at run time and no other language is loaded.
 */
import type { Child } from "./dom.ts"

export type Language = "en" | "zh"
export type Bilingual = Readonly<Record<Language, string>>
type Params = Readonly<Record<string, string | number>>

let current: Language = "en"
let table: Readonly<Record<string, string>> = {}

export function speak(language: Language, strings: Readonly<Record<string, string>>): void {
    current = language
    table = strings
}

export function language(): Language {
    return current
}

/** The string, with each {name} filled in. Throws on a key that nobody wrote: a test finds those first. */
export function t(key: string, params: Params = {}): string {
    const said = table[key]
    if (said === undefined) throw new Error(`no string ${key}`)
    return said.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole))
}

/** Like `t`, with `key.one` or `key.other` by the number, which fills {n}. Chinese has no plural, but may say one thing of one person. */
export function count(key: string, n: number, params: Params = {}): string {
    const form = n === 1 ? "one" : "other"
    return t(table[`${key}.${form}`] === undefined ? `${key}.other` : `${key}.${form}`, { n, ...params })
}

/** Like `t`, but the {names} are filled with elements, so that a link can stand inside a sentence. */
export function rich(key: string, params: Readonly<Record<string, Child>>): Child[] {
    return t(key).split(/\{(\w+)\}/).map((piece, i) => (i % 2 ? params[piece] : piece))
}

export function knows(key: string): boolean {
    return table[key] !== undefined
}

/** The half of a bilingual value that this page speaks. */
export function said(value: Bilingual): string {
    return value[current] || value.en || value.zh
}

/** A language's own name in the page's language: "French", “法文”; the code itself where the browser knows no name. */
export function languageName(code: string): string {
    const key = `report.who.language.${code}`
    if (knows(key)) return t(key)
    try {
        return new Intl.DisplayNames(current === "zh" ? "zh-CN" : "en-GB", { type: "language" }).of(code) ?? code
    } catch {
        return code
    }
}

/** Several names as one phrase: "A, B and C", “甲、乙和丙”. */
export function listed(items: readonly string[]): string {
    if (typeof Intl.ListFormat === "function") {
        return new Intl.ListFormat(current === "zh" ? "zh-CN" : "en-GB", { type: "conjunction" }).format(items)
    }
    return items.join(current === "zh" ? "、" : ", ")
}
