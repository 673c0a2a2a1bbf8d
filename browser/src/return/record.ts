/** A private dated record: read it, and send it now or keep it. */
import type { WordList } from "../core/words.ts"
import type { Cleaned } from "../files/clean.ts"
import { kindOf } from "../files/sniff.ts"
import { count, day, dayAndTime, h, language, t } from "../ui/index.ts"
import type { Session } from "./session.ts"
import type { Story } from "./story.ts"
import { answersList, fileRows, type OpenFile } from "./view.ts"

export function recordItems(story: Story, openFile: OpenFile): HTMLElement[] {
    const { files } = story.report
    const item = h(
        "li",
        { class: "mine", "data-testid": "entry-record" },
        h("header", null, h("b", null, t("return.you")), h("span", null, t("return.record-of", { when: dayAndTime(story.received) }))),
        answersList(story.report),
        files.length ? h("p", { class: "small soft" }, count("receipt.record-files", files.length)) : null,
        fileRows(files, openFile),
    )
    return [item]
}

/** A button that sends once, and can be pressed again where the line was lost; `state` says how it goes. */
function sending(stateName: string, name: string, label: string, act: () => Promise<void>): { state: HTMLElement; send: HTMLButtonElement } {
    const state = h("p", { role: "status", "aria-live": "polite", class: "soft", "data-testid": stateName })
    const send = h("button", { class: "btn go", type: "button", id: name, "data-testid": name }, label)
    send.addEventListener("click", () => {
        send.disabled = true
        void act().catch(() => {
            send.disabled = false
            state.textContent = t("return.file-line")
        })
    })
    return { state, send }
}

/** `handOver` ends the mailbox once its files are at hand. */
export function sendPart(story: Story, session: Session, handOver: () => void): HTMLElement {
    const { state, send } = sending("record-state", "send-record", t("return.record-send"), () => sendNow(story, session, state, handOver))
    const keep = h("button", { class: "btn", type: "button", id: "keep-record", "data-testid": "keep-record", onclick: () => void (state.textContent = t("return.record-kept")) }, t("return.record-keep"))
    return h(
        "section",
        { class: "flow", "aria-labelledby": "record-next" },
        h("h2", { id: "record-next" }, t("return.record-next")),
        h("p", null, t("return.record-send-text")),
        story.keptUntil ? h("p", { "data-testid": "kept-until" }, t("return.record-until", { day: day(new Date(`${story.keptUntil}T12:00:00Z`)) })) : null,
        h("div", { class: "act" }, send, keep),
        state,
    )
}

/** Everyone who could read the report is gone: it starts anew with the same words and files, for others to read. */
export function againPart(story: Story, session: Session, handOver: () => void): HTMLElement {
    const { state, send } = sending("again-state", "send-again", t("return.nobody-send"), () => sendNow(story, session, state, handOver))
    return h(
        "section",
        { class: "errors flow", role: "alert", "aria-labelledby": "nobody-title", "data-testid": "nobody" },
        h("h2", { id: "nobody-title" }, t("return.nobody-title")),
        h("p", null, t("return.nobody-text")),
        h("p", null, t("return.nobody-clock")),
        h("div", { class: "act" }, send),
        state,
    )
}

/** Hands the record over to the report's own pages, in this document: nothing of it goes through an address or a store. */
async function sendNow(story: Story, session: Session, state: HTMLElement, handOver: () => void): Promise<void> {
    const receipt = story.receipts.find((one) => one.type === "record.dated" && one.verified)
    const { answers } = story.report
    const files: Cleaned[] = []
    if (story.report.files.length) state.textContent = t("return.record-files")
    for (const note of story.report.files.filter((one) => one.there)) {
        const blob = await session.file(note, story)
        const kind = await kindOf(blob, note.name)
        files.push({ blob, name: note.name, type: note.type, kind, reason: "cleaned", smaller: false, firstFrame: false, removed: [] })
    }
    const [{ report }, list] = await Promise.all([import("../report/main.ts"), wordList()])
    handOver()
    await report(list, { answers, files, record: receipt ? { case: story.id, receipt: receipt.text } : null })
}

/** The new case's words are in the page's language. */
async function wordList(): Promise<WordList> {
    return language() === "zh" ? (await import("../core/words-zh.ts")).chinese : (await import("../core/words-en.ts")).english
}
