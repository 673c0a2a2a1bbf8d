/** Twelve words in one field: says which word is not on the list; all other slips are answered alike. */
import type { WordList } from "../core/words.ts"
import { WrongWords } from "../core/errors.ts"
import { count, day, h, note, showErrors, showPage, t } from "../ui/index.ts"
import { CaseErased, isLine, NoMailbox } from "./errors.ts"

export interface SignIn {
    /** Opens the mailbox of this secret. Throws NoMailbox, a CoreError, or what the API throws. */
    open(secret: Uint8Array): Promise<void>
}

export function showSignIn({ open }: SignIn): void {
    const field = h("textarea", {
        id: "twelve",
        name: "twelve",
        autocomplete: "off",
        autocapitalize: "none",
        autocorrect: "off",
        spellcheck: "false",
        "aria-describedby": "twelve-hint",
        "data-testid": "twelve-words",
    })
    const button = h("button", { class: "btn go big", type: "submit", "data-testid": "open-mailbox" }, t("return.open"))
    const said = h("p", { role: "status", "aria-live": "polite", class: "soft" })
    const form = h(
        "form",
        { class: "flow", novalidate: true, autocomplete: "off" },
        h("div", { class: "field" }, h("label", { for: "twelve" }, t("return.words")), h("p", { class: "hint", id: "twelve-hint" }, t("return.words-hint")), field),
        h("div", { class: "act" }, button),
        said,
    )
    form.addEventListener("submit", (event) => {
        event.preventDefault()
        if (button.getAttribute("aria-disabled") === "true") return
        void attempt()
    })
    const attempt = async () => {
        button.setAttribute("aria-disabled", "true")
        said.textContent = t("return.opening")
        try {
            await open(await secretOf(field.value))
            field.value = ""
        } catch (fault) {
            said.textContent = ""
            showErrors(document.getElementById("main") as HTMLElement, [{ field: "twelve", text: sayFault(fault) }])
        } finally {
            button.removeAttribute("aria-disabled")
        }
    }
    const content = h(
        "div",
        { class: "split" },
        h("div", { class: "flow" }, h("h1", null, t("return.h1")), h("p", { class: "lead" }, t("return.lead")), form),
        h(
            "aside",
            { class: "notes" },
            note(t("return.note-device"), h("p", null, t("return.note-device-text"))),
            note(t("return.note-lost"), h("p", null, t("return.note-lost-text"))),
        ),
    )
    showPage({ title: t("return.tab"), content, step: "words" })
}

class Empty extends Error {}

class WrongCount extends Error {
    readonly found: number

    constructor(found: number) {
        super()
        this.found = found
    }
}

/** The secret of typed words, in whichever list they are from. */
export async function secretOf(typed: string): Promise<Uint8Array> {
    // People copy the numbers and stops along with the words.
    const bare = typed.replace(/[0-9０-９.,，。、;；:：)(（）]/g, " ").trim()
    if (bare === "") throw new Empty()
    const [{ fromWords }, list] = await Promise.all([import("../core/words.ts"), listFor(bare)])
    try {
        return fromWords(bare, list)
    } catch (fault) {
        if (!(fault instanceof WrongWords) || fault.code !== "word-count") throw fault
        throw new WrongCount(list.language === "zh" ? Array.from(bare.replace(/\s/g, "")).length : bare.split(/\s+/).length)
    }
}

/** Only the list that is needed is loaded. */
async function listFor(typed: string): Promise<WordList> {
    if (/[\u3400-\u9fff]/.test(typed)) return (await import("../core/words-zh.ts")).chinese
    return (await import("../core/words-en.ts")).english
}

function sayFault(fault: unknown): string {
    if (fault instanceof Empty) return t("return.error-empty")
    if (fault instanceof WrongCount) return count("return.error-count", fault.found)
    if (fault instanceof WrongWords && fault.code === "word-not-listed") return t("return.error-listed", { word: fault.word ?? "", n: fault.position ?? 0 })
    // Also where no mailbox answers: which of the two it was is nobody's business.
    if (fault instanceof WrongWords || fault instanceof NoMailbox) return t("return.error-wrong")
    if (fault instanceof CaseErased) return t("return.error-erased", { day: day(new Date(`${fault.on}T12:00:00Z`)) })
    const code = (fault as { code?: string } | null)?.code
    if (code === "other-manifest") return t("return.error-broken")
    if (code === "no-connection") return t("return.error-line")
    return t(isLine(fault) || (fault as { status?: number } | null)?.status !== undefined ? "return.error-server" : "return.error-broken")
}
