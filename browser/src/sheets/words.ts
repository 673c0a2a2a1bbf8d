/** The twelve words as a sheet to keep. In Chinese: twelve characters, each with how it is said aloud. */
import { fill, h, language, t } from "../ui/index.ts"
import { keepRow } from "./actions.ts"

/**
 * `list` is the list that the words are from; its own order gives the readings.
 * The readings of Chinese characters come a moment later, in a part of the bundle of their own.
 */
export function wordsSheet(words: readonly string[], list: { language: "en" | "zh"; words: readonly string[] }): HTMLElement {
    const lang = list.language === "zh" ? "zh-CN" : "en"
    const items = h("ol", { class: "words", lang, "data-testid": "words" })
    const sheet = h("section", { class: "words-sheet flow", "aria-label": t("receipt.words-label") }, items)
    const keep = h("div", null)
    const show = (under: readonly string[]) => {
        fill(items, words.map((word, i) => h("li", null, word, under[i] ? h("span", { lang: "zh-Latn" }, under[i]) : null)))
        const picture = { parts: [{ kind: "title", text: t("receipt.words-title") }, { kind: "words", words, under }, { kind: "line", text: t("receipt.words-keep") }] as const, label: t("receipt.words-label") }
        fill(keep, keepRow({ name: "words", sheet: items, text: textOf(words, list.language), picture }))
    }
    show([])
    if (list.language === "zh") {
        void import("./pinyin.ts").then(({ reading }) => show(words.map((word) => reading(list.words.indexOf(word)))))
    }
    return h("div", { class: "flow" }, sheet, keep)
}

/** As copied: numbered lines in English; one line of twelve characters in Chinese. */
export function textOf(words: readonly string[], list: "en" | "zh"): string {
    if (list === "zh") return words.join(language() === "zh" ? "" : " ")
    return words.map((word, i) => `${i + 1} ${word}`).join("\n")
}
