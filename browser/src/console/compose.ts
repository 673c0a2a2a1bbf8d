/** Where a handler writes: what kind of message, which promises it keeps, files, or a note for the panel alone. */
import { canonicalBytes, unb64url, b64url } from "../core/bytes.ts"
import type { Kind } from "../core/message.ts"
import { seal } from "../core/sealed.ts"
import { fileList, type FileList } from "../files/picker.ts"
import { askBox } from "./askbox.ts"
import { now, rosterToSealBy, whoIs, type Desk } from "./desk.ts"
import { draftText, keepDraft } from "./drafts.ts"
import { fill, h, icon } from "./dom.ts"
import { readersOf, type OpenCase } from "./opencase.ts"
import { busy, field, Status, tick } from "./parts.ts"
import { LookFirst, send, type Pending } from "./send.ts"
import type { CaseDetail, PromiseRow } from "./types.ts"
import { moment } from "./when.ts"
import { language, listed, said, t } from "./words.ts"

const KINDS: readonly Kind[] = ["acknowledge", "owner", "answer", "feedback", "close"]

export interface Composer {
    readonly element: HTMLElement
    /** The case changed: promises and the way the kind is offered are drawn anew, the text stays. */
    update(open: OpenCase): void
    /** Whether something is typed or chosen that a new drawing would lose. */
    focus(): void
}

export interface ComposerOptions {
    readonly desk: Desk
    readonly open: OpenCase
    /** The case as it is now is to be drawn: after sending, or because somebody wrote. */
    readonly onNews: (detail: CaseDetail | null) => Promise<void>
}

export function composer({ desk, open: first, onNews }: ComposerOptions): Composer {
    let open = first
    let kind: Kind = suggestedKind(first)
    let pending: Pending | null = null
    const unticked = new Set<string>()
    // Closing keeps a promise only where the handler says so: it must not be a quiet way out.
    const closingKeeps = new Set<string>()
    const keeping = (id: string): boolean => (kind === "close" ? closingKeeps.has(id) : !unticked.has(id))
    const setKeeping = (id: string, on: boolean): void => {
        if (kind === "close") {
            if (on) closingKeeps.add(id)
            else closingKeeps.delete(id)
        } else if (on) unticked.delete(id)
        else unticked.add(id)
    }
    const status = new Status()
    const noteStatus = new Status()
    const area = h("textarea", { id: "answer", "data-testid": "answer", rows: "8" })
    area.value = draftText(desk.drafts, first.id, "answer")
    area.addEventListener("input", () => keepDraft(desk.drafts, first.id, "answer", area.value))
    const kinds = h("fieldset", { class: "choices kinds" })
    const keeps = h("fieldset", { class: "choices", "data-testid": "keeps" })
    const files: FileList = fileList({ limits: desk.facts.limits, voice: true })
    const asks = askBox(desk)
    const alerts = h("div", { "data-testid": "look-first" })
    const press = h("button", { class: "btn go", type: "submit", id: "send", "data-testid": "send" }, icon("sealed"), t("console.send"))

    const drawKeeps = (): void => {
        const kept = keepable(open, kind)
        keeps.hidden = kept.length === 0
        fill(
            keeps,
            h("legend", null, t("console.keeps.legend")),
            kept.map((promise) => {
                const made = tick(promiseWords(desk, promise), {
                    checked: keeping(promise.id),
                    value: promise.id,
                    id: `keeps-${promise.id}`,
                    onchange: () => setKeeping(promise.id, made.input.checked),
                })
                return made.label
            }),
            h("p", { class: "hint" }, t("console.keeps.hint")),
        )
    }
    const drawKinds = (): void => {
        fill(
            kinds,
            h("legend", null, t("console.kind.legend")),
            KINDS.map((one) =>
                tick([h("b", null, t(`console.kind.${one}`)), h("span", { class: "soft block" }, t(`console.kind.${one}.text`))], {
                    kind: "radio",
                    name: "kind",
                    value: one,
                    id: `kind-${one}`,
                    checked: one === kind,
                    onchange: () => {
                        kind = one
                        drawKeeps()
                    },
                }).label,
            ),
        )
    }
    drawKinds()
    drawKeeps()

    const sendNow = async (): Promise<void> => {
        const text = area.value.trim()
        if (text === "") {
            area.focus()
            throw Object.assign(new Error("empty"), { code: "empty-answer" })
        }
        if (files.busy()) throw Object.assign(new Error("busy"), { code: "files-busy" })
        const promises = keepable(open, kind)
            .map(({ id }) => id)
            .filter(keeping)
        const words = { kind, promises, text, ask: asks.questions(), files: files.files().map(({ blob, name, type }) => ({ blob, name, type })) }
        try {
            await send(desk, {
                open,
                words,
                pending,
                onPending: (made) => (pending = made),
                onProgress: ({ index, sent, size }) => files.progress(index, sent, size),
            })
        } catch (error) {
            if (!(error instanceof LookFirst)) throw error
            await onNews(error.detail)
            fill(alerts, lookFirst(desk, error.authors))
            alerts.querySelector<HTMLElement>("[tabindex]")?.focus()
            return
        }
        pending = null
        area.value = ""
        keepDraft(desk.drafts, first.id, "answer", "")
        files.clear()
        asks.clear()
        unticked.clear()
        closingKeeps.clear()
        fill(alerts)
        await onNews(null)
        status.say(t("console.sent"))
    }
    const form = h(
        "form",
        {
            class: "flow",
            id: "compose",
            onsubmit: (event: Event) => {
                event.preventDefault()
                void busy(press, status, t("console.sending"), sendNow)
            },
        },
        h("h2", { id: "answer-title" }, t("console.answer.title")),
        kinds,
        field(t("console.answer.label"), area, t("console.answer.hint")),
        asks.element,
        h("div", { class: "flow" }, h("h3", null, t("console.answer.files")), files.element),
        keeps,
        alerts,
        h("div", { class: "act" }, press),
        status.element,
    )
    form.querySelector(".field")?.classList.add("full")
    return {
        element: h("div", { class: "flow no-print" }, form, noteForm(desk, () => open, noteStatus, onNews)),
        update(next) {
            const before = JSON.stringify(open.detail.promises)
            open = next
            if (before === JSON.stringify(next.detail.promises)) return
            if (area.value === "") {
                kind = suggestedKind(next)
                drawKinds()
            }
            drawKeeps()
        },
        focus: () => area.focus(),
    }
}

/** Promises that a message of this kind can keep: those still owed, late ones too. */
export function keepable(open: OpenCase, kind: Kind): PromiseRow[] {
    return open.detail.promises.filter((promise) => (promise.state === "due" || promise.state === "missed") && promise.keeps.includes(kind))
}

/** The kind that the next promise waits for. */
export function suggestedKind(open: OpenCase): Kind {
    const owed = open.detail.promises.filter((promise) => promise.state === "due" || promise.state === "missed").sort((a, b) => a.due.localeCompare(b.due))
    // Who takes charge answers, too: one message for both, where both are owed.
    if (owed.some((promise) => promise.keeps.length === 1 && promise.keeps[0] === "owner") && owed[0]?.keeps.includes("owner") === true) return "owner"
    const kind = owed[0]?.keeps.find((one) => one === "acknowledge")
    return kind === undefined ? "answer" : "acknowledge"
}

function promiseWords(desk: Desk, promise: PromiseRow): HTMLElement[] {
    const due = moment(new Date(promise.due), now(desk))
    const when = promise.state === "missed" ? t("console.keeps.was-due", { when: due }) : t("console.keeps.due", { when: due })
    const law = promise.law ? `${language() === "zh" ? "，" : ", "}${promise.law}` : ""
    return [h("b", null, t("console.keeps.this", { title: said(promise.title) })), h("span", { class: "soft block" }, when, law)]
}

function lookFirst(desk: Desk, authors: readonly string[]): HTMLElement {
    const who = listed(authors.map((id) => (id === "reporter" ? t("console.reporter") : whoIs(desk, id))))
    return h(
        "section",
        { class: "errors flow", role: "alert", tabindex: "-1", "aria-labelledby": "look-first-title" },
        h("h3", { id: "look-first-title" }, t("console.look-first.title", { who })),
        h("p", null, t("console.look-first.text")),
    )
}

function noteForm(desk: Desk, open: () => OpenCase, status: Status, onNews: ComposerOptions["onNews"]): HTMLElement {
    const { id } = open()
    const area = h("textarea", { id: "note", "data-testid": "note", rows: "4" })
    area.value = draftText(desk.drafts, id, "note")
    area.addEventListener("input", () => keepDraft(desk.drafts, id, "note", area.value))
    const press = h("button", { class: "btn", type: "submit", id: "send-note", "data-testid": "send-note" }, icon("sealed"), t("console.note.send"))
    const write = async (): Promise<void> => {
        const text = area.value.trim()
        if (text === "") {
            area.focus()
            throw Object.assign(new Error("empty"), { code: "empty-answer" })
        }
        const file = await sealNote(desk, open(), text)
        await desk.server.note(id, { file: b64url(file), attachments: [] })
        area.value = ""
        keepDraft(desk.drafts, id, "note", "")
        await onNews(null)
        status.say(t("console.note.sent"))
    }
    const box = h(
        "details",
        { class: "fold", open: area.value !== "" },
        h("summary", null, t("console.note.title")),
        h(
            "form",
            {
                class: "flow",
                onsubmit: (event: Event) => {
                    event.preventDefault()
                    void busy(press, status, t("console.sending"), write)
                },
            },
            field(t("console.note.label"), area, t("console.note.hint")),
            h("div", { class: "act" }, press),
            status.element,
        ),
    )
    box.querySelector(".field")?.classList.add("full")
    return box
}

/** Sealed to the panel's own keys as the newest roster has them, never to the case: the reporter does not get it. */
export async function sealNote(desk: Desk, open: OpenCase, text: string): Promise<Uint8Array> {
    const { people } = rosterToSealBy(desk)
    const recipients = readersOf(open).map((id) => people.find((person) => person.id === id)?.recipient).filter((one): one is string => typeof one === "string")
    return seal("note", desk.facts.org, unb64url(open.id, 16), canonicalBytes({ text, attachments: [] }), recipients)
}

