/**
 * A handler's own key: made here, wrapped here, and only its public halves and wrapped files go to the server.
 *
 * Three steps, one thing a page: make it; keep seven words; type two of them. Nothing is sent before the last.
 */
import { b64url } from "../core/bytes.ts"
import { createPasskey, newHandlerKeys, publicHalves, wrapWithPasskey, wrapWithPassphrase, type HandlerKeys } from "../core/handlerkeys.ts"
import { newPassphrase, normalPassphrase, sameWord } from "../core/words.ts"
import { draw } from "../core/bytes.ts"
import { keyWords, newestRoster, now, wordList, type Desk, type View } from "./desk.ts"
import { fill, h, icon } from "./dom.ts"
import { busy, button, field, heading, note, Status, tick } from "./parts.ts"
import { copyText, printOnly } from "../sheets/keep.ts"
import { longDay } from "./when.ts"
import { unlockBox } from "./unlock.ts"
import { language, said, t, type Language } from "./words.ts"

interface Making {
    keys: HandlerKeys
    words: readonly string[]
    list: Language
}

export function firstKeyView(desk: Desk): View {
    const element = h("div", { class: "flow" })
    const status = new Status()
    explain(desk, element, status, false)
    return { title: t("console.key.first.title"), element }
}

function explain(desk: Desk, element: HTMLElement, status: Status, again: boolean): void {
    const choice = (code: Language, words: string) =>
        tick(words, { kind: "radio", name: "list", value: code, checked: language() === code, id: `words-${code}` })
    const en = choice("en", t("console.key.words.en"))
    const zh = choice("zh", t("console.key.words.zh"))
    const press = button(
        t("console.key.make"),
        () => {
            const list: Language = zh.input.checked ? "zh" : "en"
            const making = { keys: newHandlerKeys(), words: newPassphrase(wordList(list)), list }
            showWords(desk, element, making)
        },
        { id: "make-key", main: true },
    )
    fill(
        element,
        h("p", { class: "step" }, t("console.key.step", { n: 1 })),
        heading(again ? t("console.key.again.title") : t("console.key.first.title")),
        h("p", { class: "lead" }, again ? t("console.key.again.lead") : t("console.key.first.lead")),
        h(
            "div",
            { class: "split" },
            h(
                "div",
                { class: "flow" },
                h("fieldset", { class: "choices read" }, h("legend", null, t("console.key.list")), en.label, zh.label),
                h("div", { class: "act" }, press),
                status.element,
            ),
            h("div", { class: "notes" }, note(t("console.key.note.what"), t("console.key.note.what-text")), note(t("console.key.note.lost"), t("console.key.note.lost-text"))),
        ),
    )
}

function showWords(desk: Desk, element: HTMLElement, making: Making): void {
    const words = h(
        "ol",
        { class: "words read seven", lang: making.list === "zh" ? "zh-CN" : "en", "aria-label": t("console.key.words.label"), "data-testid": "words" },
        making.words.map((word) => h("li", null, word)),
    )
    const status = new Status()
    const sheet = h("section", { class: "sheet flow" }, words, h("p", { class: "small soft" }, t("console.key.words.paper", { org: said(desk.facts.name), name: said(desk.me.person.name) })))
    fill(
        element,
        h("p", { class: "step" }, t("console.key.step", { n: 2 })),
        heading(t("console.key.words.title")),
        h("p", { class: "lead" }, t("console.key.words.lead")),
        sheet,
        h(
            "div",
            { class: "act" },
            button(t("console.print"), () => printOnly(sheet), { icon: "print" }),
            button(t("console.copy"), () => void copy(making, status), { id: "copy-words" }),
        ),
        status.element,
        note(null, t("console.key.words.note")),
        h("div", { class: "act" }, button(t("console.key.words.kept"), () => confirm(desk, element, making), { id: "words-kept", main: true })),
    )
    element.querySelector("h1")?.focus()
}

async function copy(making: Making, status: Status): Promise<void> {
    const copied = await copyText(making.words.join(making.list === "zh" ? "" : " "))
    status.say(copied ? t("console.copied") : t("console.not-copied"))
}

function confirm(desk: Desk, element: HTMLElement, making: Making): void {
    const [first, second] = twoPositions(making.words.length)
    const inputs = [first, second].map((position) =>
        h("input", { id: `word-${position}`, "data-testid": `word-${position}`, autocomplete: "off", autocapitalize: "none", spellcheck: "false" }),
    )
    const status = new Status()
    const press = h("button", { class: "btn go", type: "submit", id: "confirm-words", "data-testid": "confirm-words" }, t("console.key.confirm.button"))
    const publish = async (): Promise<void> => {
        const wrong = [first, second].filter((position, i) => !sameWord(inputs[i]?.value ?? "", making.words[position - 1] as string))
        if (wrong.length > 0) {
            status.fail({ code: "word-differs" })
            inputs[wrong[0] === first ? 0 : 1]?.focus()
            return
        }
        await publishKey(desk, making)
    }
    fill(
        element,
        h("p", { class: "step" }, t("console.key.step", { n: 3 })),
        heading(t("console.key.confirm.title")),
        h("p", { class: "lead" }, t("console.key.confirm.lead")),
        h(
            "form",
            {
                class: "flow",
                onsubmit: (event: Event) => {
                    event.preventDefault()
                    void busy(press, status, t("console.key.confirm.wait"), publish)
                },
            },
            field(t("console.key.confirm.word", { n: first }), inputs[0] as HTMLElement),
            field(t("console.key.confirm.word", { n: second }), inputs[1] as HTMLElement),
            status.element,
            h("div", { class: "act" }, press, button(t("console.key.confirm.back"), () => showWords(desk, element, making), { quiet: true })),
        ),
    )
    element.querySelector("h1")?.focus()
}

function twoPositions(count: number): [number, number] {
    const first = draw(count)
    const second = (first + 1 + draw(count - 1)) % count
    return first < second ? [first + 1, second + 1] : [second + 1, first + 1]
}

async function publishKey(desk: Desk, making: Making): Promise<void> {
    const passphrase = normalPassphrase(making.words.join(making.list === "zh" ? "" : " "), wordList(making.list))
    const file = await wrapWithPassphrase(making.keys, passphrase)
    const { recipient, sign } = await publicHalves(making.keys)
    await desk.server.publishKeys({ recipient, sign, wrapped: [phraseFile(desk, file)] })
    desk.me = await desk.server.me()
    await desk.unlocked(making.keys)
    desk.go({ view: "key" })
    await desk.reload()
}

function phraseFile(desk: Desk, file: Uint8Array) {
    return { kind: "passphrase" as const, label: t("console.key.label.words", { day: longDay(now(desk)) }), file: b64url(file), credential: null }
}

export function keyView(desk: Desk): View {
    const element = h("div", { class: "flow" })
    fill(element, ...keyPage(desk, element))
    return { title: t("console.key.title"), element }
}

function keyPage(desk: Desk, element: HTMLElement): HTMLElement[] {
    const { key, wrapped } = desk.me
    if (key === null) return []
    const status = new Status()
    const locked = !desk.session.isOpen
    return [
        heading(t("console.key.title")),
        rosterState(desk),
        h(
            "section",
            { class: "sheet flow" },
            h("h2", null, t("console.key.print")),
            h("p", { class: "talk", "data-testid": "key-words" }, keyWords(key)),
            h("p", { class: "small soft" }, t("console.key.print-why")),
        ),
        h("h2", null, t("console.key.ways")),
        h("ul", { class: "files", "data-testid": "wrapped" }, wrapped.map((one) => wrappedRow(desk, one, status))),
        locked ? unlockBox(desk) : passkeyAdd(desk, status),
        locked ? h("p", null) : phraseAdd(desk, status, element),
        status.element,
        h("h2", null, t("console.key.lost")),
        h("p", { class: "read" }, t("console.key.lost-text")),
        h("div", { class: "act" }, button(t("console.key.new"), () => explain(desk, element, new Status(), true), { id: "new-key" })),
    ]
}

function rosterState(desk: Desk): HTMLElement {
    const roster = newestRoster(desk)
    const line = roster?.people.find((person) => person.id === desk.me.person.id)
    const listed = line !== undefined && line.recipient === desk.me.key?.recipient && line.sign === desk.me.key.sign
    const text = listed && roster !== null ? t("console.key.listed", { n: roster.number + 1 }) : t("console.key.waiting")
    return h("p", { class: listed ? "state read" : "state open read", "data-testid": "roster-state" }, icon(listed ? "kept" : "due"), h("span", null, text))
}

function wrappedRow(desk: Desk, one: Desk["me"]["wrapped"][number], status: Status): HTMLElement {
    const remove: HTMLButtonElement = button(
        t("console.key.remove"),
        () =>
            void busy(remove, status, t("console.key.removing"), async () => {
                await desk.server.removeWrapped(one.id)
                await desk.reload()
            }),
        { quiet: true },
    )
    remove.setAttribute("aria-label", t("console.key.remove-this", { name: one.label }))
    const only = desk.me.wrapped.length < 2
    return h(
        "li",
        null,
        icon(one.kind === "passkey" ? "open" : "paper"),
        h("p", null, t(`console.key.kind.${one.kind}`)),
        h("p", { class: "small soft" }, one.label),
        only ? null : remove,
    )
}

function passkeyAdd(desk: Desk, status: Status): HTMLElement {
    const possible = typeof PublicKeyCredential !== "undefined"
    if (!possible) return h("p", { class: "soft" }, t("console.key.no-passkeys"))
    const press: HTMLButtonElement = button(
        t("console.key.add-passkey"),
        () =>
            void busy(press, status, t("console.key.add-passkey-wait"), async () => {
                const credential = await createPasskey(`${said(desk.facts.name)} – ${t("console.product")}`)
                const file = await wrapWithPasskey(desk.session.keys, credential)
                const label = t("console.key.label.passkey", { day: longDay(now(desk)) })
                await desk.server.addWrapped({ kind: "passkey", label, file: b64url(file), credential })
                await desk.reload()
            }),
        { id: "add-passkey" },
    )
    return h("div", { class: "flow" }, h("div", { class: "act" }, press), h("p", { class: "small soft" }, t("console.key.add-passkey-why")))
}

/** New seven words beside the old: shown, then confirmed, then sent, as at first. */
function phraseAdd(desk: Desk, status: Status, element: HTMLElement): HTMLElement {
    const press: HTMLButtonElement = button(
        t("console.key.add-words"),
        () => {
            const list = language()
            const words = newPassphrase(wordList(list))
            const keep: HTMLButtonElement = button(
                t("console.key.words.kept"),
                () =>
                    void busy(keep, status, t("console.key.confirm.wait"), async () => {
                        const passphrase = normalPassphrase(words.join(list === "zh" ? "" : " "), wordList(list))
                        await desk.server.addWrapped(phraseFile(desk, await wrapWithPassphrase(desk.session.keys, passphrase)))
                        await desk.reload()
                    }),
                { main: true },
            )
            const shown = h("ol", { class: "words read seven", lang: list === "zh" ? "zh-CN" : "en", "aria-label": t("console.key.words.label") }, words.map((word) => h("li", null, word)))
            fill(element, heading(t("console.key.words.title")), h("p", { class: "lead" }, t("console.key.words.lead")), shown, h("div", { class: "act" }, keep), status.element)
            element.querySelector("h1")?.focus()
        },
        { id: "add-words" },
    )
    return h("div", { class: "act" }, press)
}
