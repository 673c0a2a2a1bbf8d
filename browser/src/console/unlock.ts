/** Opens the handler's wrapped key for this session: by seven words or by a passkey. */
import { unb64url } from "../core/bytes.ts"
import { unwrapWithPasskey, unwrapWithPassphrase, type HandlerKeys } from "../core/handlerkeys.ts"
import { CoreError, WrongWords } from "../core/errors.ts"
import { normalPassphrase } from "../core/words.ts"
import { wordList, type Desk } from "./desk.ts"
import { h, icon } from "./dom.ts"
import { busy, button, field, Status } from "./parts.ts"
import type { WrappedKey } from "./types.ts"
import { language, t } from "./words.ts"

/** The box that is waiting for words: a redraw, as when the chain is read again, must not take what is half typed. */
let waiting: { readonly of: string; readonly element: HTMLElement } | null = null

export function unlockBox(desk: Desk): HTMLElement {
    const of = JSON.stringify([language(), desk.me.auto_lock_minutes, desk.me.wrapped.map((one) => one.id)])
    if (waiting?.of === of) stayFocused(waiting.element)
    else waiting = { of, element: newBox(desk) }
    return waiting.element
}

/** An element that is taken out of the page and put back loses the focus; here it has it again. */
function stayFocused(element: HTMLElement): void {
    const focused = document.activeElement
    if (focused instanceof HTMLElement && element.contains(focused)) queueMicrotask(() => focused.focus())
}

async function unlocked(desk: Desk, keys: HandlerKeys): Promise<void> {
    waiting = null
    await desk.unlocked(keys)
}

function newBox(desk: Desk): HTMLElement {
    const status = new Status()
    const passkeys = desk.me.wrapped.filter((one) => one.kind === "passkey")
    const phrases = desk.me.wrapped.filter((one) => one.kind === "passphrase")
    return h(
        "section",
        { class: "sheet flow unlock", "aria-labelledby": "unlock-title", "data-testid": "unlock" },
        h("h2", { id: "unlock-title", class: "state" }, icon("sealed"), t("console.unlock.title")),
        h("p", { class: "soft" }, t("console.unlock.lead", { minutes: desk.me.auto_lock_minutes })),
        passkeys.length > 0 ? passkeyButton(desk, passkeys, status) : null,
        phrases.length > 0 ? phraseForm(desk, phrases, status) : null,
        status.element,
    )
}

function passkeyButton(desk: Desk, wrapped: readonly WrappedKey[], status: Status): HTMLElement {
    const press: HTMLButtonElement = button(
        t("console.unlock.passkey"),
        () =>
            void busy(press, status, t("console.unlock.passkey-wait"), async () => {
                await unlocked(desk, await firstThatOpens(wrapped, (one) => unwrapWithPasskey(unb64url(one.file), one.credential)))
            }),
        { id: "unlock-passkey", main: true },
    )
    return h("div", { class: "act" }, press)
}

function phraseForm(desk: Desk, wrapped: readonly WrappedKey[], status: Status): HTMLElement {
    const input = h("input", {
        id: "passphrase",
        "data-testid": "passphrase",
        type: "password",
        autocomplete: "off",
        autocapitalize: "none",
        spellcheck: "false",
    })
    const show = h("input", { type: "checkbox", id: "show-passphrase", onchange: () => (input.type = show.checked ? "text" : "password") })
    const press = h("button", { class: "btn go", type: "submit", id: "unlock", "data-testid": "unlock-button" }, icon("open"), t("console.unlock.button"))
    const open = async (): Promise<void> => {
        const passphrase = readPassphrase(input.value)
        const keys = await firstThatOpens(wrapped, (one) => unwrapWithPassphrase(unb64url(one.file), passphrase))
        input.value = ""
        await unlocked(desk, keys)
    }
    const form = h(
        "form",
        {
            class: "flow",
            onsubmit: (event: Event) => {
                event.preventDefault()
                void busy(press, status, t("console.unlock.wait"), open)
            },
        },
        field(t("console.unlock.words"), input, t("console.unlock.words-hint")),
        h("label", { class: "choice slim" }, show, h("span", null, t("console.unlock.show"))),
        h("div", { class: "act" }, press),
    )
    return form
}

/** The words as they enter scrypt; Chinese words are told by their script. Throws WrongWords. */
export function readPassphrase(typed: string): string {
    return normalPassphrase(typed, wordList(/\p{Script=Han}/u.test(typed) ? "zh" : "en"))
}

async function firstThatOpens(wrapped: readonly WrappedKey[], open: (one: WrappedKey) => Promise<HandlerKeys>): Promise<HandlerKeys> {
    let failure: unknown = new CoreError("no-key")
    for (const one of wrapped) {
        try {
            return await open(one)
        } catch (error) {
            if (!(error instanceof CoreError) || error instanceof WrongWords) throw error
            failure = error
        }
    }
    throw failure
}
