/** What was said, in order of time: her report, messages of both sides, changes of who reads, misses. */
import { clock, count, day, dayAndTime, h, icon, language, listed, said as words, t } from "../ui/index.ts"
import { lateness } from "../sheets/promises.ts"
import { askedList } from "../sheets/questions.ts"
import type { MessageTrouble, PanelChanged, Said, Story } from "./story.ts"
import { answersList, fileRows, nameOf, type OpenFile } from "./view.ts"

/** The whole thread as list items, oldest first. */
export function threadItems(story: Story, openFile: OpenFile): HTMLElement[] {
    const items = [reportItem(story, openFile)]
    for (const entry of story.entries) items.push(entry.what === "message" ? messageItem(entry, story, openFile) : panelItem(entry))
    return items
}

function reportItem(story: Story, openFile: OpenFile): HTMLElement {
    const { files } = story.report
    return h(
        "li",
        { class: "mine", "data-testid": "entry-report" },
        h("header", null, h("b", null, t("return.you")), h("span", null, dayAndTime(story.received))),
        h("p", null, files.length ? count("return.your-report-files", files.length) : t("return.your-report")),
        h("details", null, h("summary", null, t("return.show-report")), answersList(story.report), fileRows(files, openFile)),
    )
}

function messageItem(message: Said, story: Story, openFile: OpenFile): HTMLElement {
    const mine = message.by === null && !hiddenAuthor(message)
    const head = mine
        ? [h("b", null, t("return.you"))]
        : [h("b", null, nameOf(message.by)), message.by && words(message.by.duty) ? h("span", null, words(message.by.duty)) : null]
    const kind = message.kind === "close" || message.kind === "owner" ? h("span", null, t(`return.kind-${message.kind}`)) : null
    return h(
        "li",
        { class: mine ? "mine" : "", "data-testid": message.text === null ? "entry-damaged" : "entry-message", "data-kind": message.kind },
        h("header", null, head, kind, h("span", null, mine ? ownTime(message.at) : dayAndTime(message.at))),
        message.text ? paragraphs(message.text) : null,
        message.by !== null && message.ask?.length ? h("ul", { class: "plain", "data-testid": "asked" }, message.ask.map((one) => h("li", null, words(one.text)))) : null,
        mine && message.reply ? [message.text ? null : h("p", null, t("return.ask-answered")), askedList(message.reply.asked)] : null,
        fileRows(message.files, openFile, mine ? "return.file-missing" : "return.file-missing-theirs"),
        message.trouble.map((trouble) => h("p", { class: "fault" }, sayTrouble(trouble))),
        message.text !== null ? keepsLine(message, story) : null,
    )
}

/** The server keeps the hour of her messages, not the minute. */
function ownTime(at: Date): string {
    return at.getUTCMinutes() === 0 ? t("return.after", { day: day(at), time: clock(at) }) : dayAndTime(at)
}

/** An author who could not be named is not "you". */
function hiddenAuthor(message: Said): boolean {
    return message.trouble.indexOf("unknown-author") >= 0
}

function paragraphs(text: string): HTMLElement[] {
    return text.split(/\n{2,}/).filter((part) => part.trim() !== "").map((part) => h("p", { class: "said" }, part.trim()))
}

function sayTrouble(trouble: MessageTrouble): string {
    return t(`return.fault-${trouble === "unreadable" ? "cannot-open" : trouble}`)
}

function keepsLine(message: Said, story: Story): HTMLElement[] {
    if (message.by === null) return []
    const kept = story.promises.filter((promise) => promise.keptBy === message && (promise.state === "kept" || promise.state === "late"))
    const line = (text: string) => h("p", { class: "keeps" }, icon("kept"), h("span", null, text))
    const title = (promise: (typeof kept)[number]) => words(promise.title)
    const inTime = kept.filter((promise) => promise.state === "kept").map(title)
    const lines = inTime.length ? [line(t("return.keeps", { promises: inTime.join(language() === "zh" ? "”“" : "”, “") }))] : []
    for (const promise of kept.filter((one) => one.state === "late")) {
        lines.push(line(t("return.keeps-late", { promises: title(promise), late: lateness(promise.dueAt, message.at) })))
    }
    return lines
}

function panelItem(change: PanelChanged): HTMLElement {
    const by = nameOf(change.by)
    const when = day(change.at)
    const lines: string[] = []
    if (change.joined.length) lines.push(t("return.panel-joined", { name: listed(change.joined.map(nameOf)), day: when, by }))
    if (change.left.length) lines.push(t("return.panel-left", { name: listed(change.left.map(nameOf)), day: when, by }))
    if (lines.length === 0) lines.push(t("return.panel-new-key", { day: when, by }))
    return h("li", { class: "inner", "data-testid": "entry-panel" }, lines.map((line) => h("p", null, line)))
}
