/** The console's words in both languages, switched in place. */
import consoleEn from "../../pages/strings-console.en.json"
import consoleZh from "../../pages/strings-console.zh.json"
import returnEn from "../../pages/strings-return.en.json"
import returnZh from "../../pages/strings-return.zh.json"
import { speak as speakPage, type Language } from "../ui/index.ts"

export { count, knows, language, listed, rich, said, t, type Bilingual, type Language } from "../ui/index.ts"

const STRINGS: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
    en: { ...returnEn, ...consoleEn },
    zh: { ...returnZh, ...consoleZh },
}

/** From here on the page speaks `language`; what stands on it already has to be drawn anew. */
export function speak(language: Language): void {
    speakPage(language, STRINGS[language])
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en"
}
