/**
 * The open mailbox: what was said, what was promised, and a way to answer.
 *
 * It reads anew every 20 seconds while it is in view. Only the parts that changed are drawn again, and never the
 * field that is being written in.
 */
import { count, day, dayAndTime, fill, h, note, said, showPage, t } from "../ui/index.ts"
import { askForm, openAsks } from "./ask.ts"
import { panelPart, promisePart, receiptPart, rungName } from "./aside.ts"
import { againPart, recordItems, sendPart } from "./record.ts"
import { replyForm } from "./reply.ts"
import type { Session } from "./session.ts"
import type { Fault, Story } from "./story.ts"
import { threadItems } from "./thread.ts"
import { nameOf, type OpenFile } from "./view.ts"

const REFRESH_MS = 20_000

export interface MailboxPage {
    /** Ends reading; nothing of the mailbox is drawn any more. */
    end(): void
}

export interface WaysOut {
    /** Forgets everything and says so. */
    lock(): void
    /** Ends the mailbox because another part of the product takes the page over. */
    handOver(): void
}

export function showMailbox(session: Session, first: Story, ways: WaysOut): MailboxPage {
    let story = first
    let ended = false
    const openFile: OpenFile = (file) => session.file(file, story)
    const parts = new Parts()
    const draw = (initial: boolean) => {
        const before = parts.entries
        parts.draw(story, session, openFile, ways)
        parts.drawAsks(story, session, refresh)
        if (!initial && parts.entries > before) parts.news.textContent = t("return.new-message")
    }
    const refresh = async (): Promise<Story> => {
        const newer = await session.read()
        parts.offline.textContent = ""
        if (newer && !ended) {
            story = newer
            draw(false)
        }
        return story
    }
    const reply = first.kind === "case" ? replyForm({ session, refresh }) : null
    draw(true)
    showPage({ title: t("return.tab"), step: first.kind, content: parts.page(reply, ways.lock) })
    const timer = setInterval(() => {
        if (document.visibilityState !== "visible") return
        void refresh().catch(() => void (parts.offline.textContent = t("return.offline")))
    }, REFRESH_MS)
    return {
        end: () => {
            ended = true
            clearInterval(timer)
        },
    }
}

/** The places of the page; each is filled anew when the story changes. */
class Parts {
    readonly news = h("p", { role: "status", "aria-live": "polite", class: "is-next", "data-testid": "news" })
    readonly offline = h("p", { role: "status", "aria-live": "polite", class: "small soft", "data-testid": "offline" })
    entries = 0
    private readonly heading = h("h1")
    private readonly intro = h("p", { class: "read soft" })
    private readonly faults = h("div", null)
    private readonly nobody = h("div", null)
    /** Holds the reply form; gone where nobody would read it. */
    private readonly writes = h("div", null)
    private readonly thread = h("ol", { class: "thread", "aria-label": t("return.thread"), "data-testid": "thread" })
    private readonly closed = h("div", null)
    /** Forms for what handlers ask, by the message's hash: what is typed there outlives a new drawing. */
    private readonly asks = h("div", { class: "flow" })
    private readonly forms = new Map<string, HTMLElement>()
    private readonly promises = h("div", { class: "flow" })
    private readonly rest = h("div", { class: "flow" })

    draw(story: Story, session: Session, openFile: OpenFile, ways: WaysOut): void {
        const { organisation } = session
        this.entries = story.entries.length
        this.heading.textContent = t(headingOf(story))
        this.intro.textContent = story.kind === "record" ? t("return.record-only") : story.nobody ? t("return.only-you-now") : count("return.only-you", story.panel.length - story.leaving.size)
        fill(this.faults, faultsPart(story))
        if (!story.nobody) fill(this.nobody)
        else if (!this.nobody.hasChildNodes()) fill(this.nobody, againPart(story, session, ways.handOver))
        const open = [...this.thread.querySelectorAll("details")].some((one) => one.open)
        this.writes.hidden = story.nobody
        fill(this.thread, story.kind === "record" ? recordItems(story, openFile) : threadItems(story, openFile))
        if (open) this.thread.querySelector("details")?.setAttribute("open", "")
        fill(this.closed, closedPart(story))
        if (story.kind === "record") fill(this.promises, sendPart(story, session, ways.handOver))
        else fill(this.promises, promisePart(story, organisation, new Date()), escalations(story, organisation), panelPart(story))
        this.drawReceipts(story, session)
    }

    drawAsks(story: Story, session: Session, refresh: () => Promise<Story>): void {
        const open = story.nobody ? [] : openAsks(story)
        for (const [hash, form] of this.forms) {
            if (open.some(({ sha256 }) => sha256 === hash)) continue
            form.remove()
            this.forms.delete(hash)
        }
        for (const message of open) {
            if (this.forms.has(message.sha256)) continue
            const form = askForm({ session, message, refresh })
            this.forms.set(message.sha256, form)
            this.asks.append(form)
        }
    }

    /** Left alone while somebody has it open and nothing was added. */
    private drawReceipts(story: Story, session: Session): void {
        const shown = this.rest.querySelector("details")
        const same = shown?.querySelectorAll(".receipts > li").length === story.receipts.filter((one) => one.verified).length
        if (!same) fill(this.rest, receiptPart(story, session.organisation))
    }

    page(reply: HTMLElement | null, lock: () => void): HTMLElement {
        fill(this.writes, reply)
        const close = h("button", { class: "btn", type: "button", id: "lock", "data-testid": "lock", onclick: lock }, t("return.lock"))
        return h(
            "div",
            { class: "split" },
            h("div", { class: "flow" }, this.heading, this.intro, this.nobody, this.faults, this.closed, this.news, this.thread, this.asks, this.writes, this.offline),
            h("div", { class: "flow" }, this.promises, this.rest, h("div", { class: "act" }, close)),
        )
    }
}

function headingOf(story: Story): string {
    if (story.kind === "record") return "return.h1-record"
    if (story.closed) return "return.h1-closed"
    const messages = story.entries.flatMap((entry) => (entry.what === "message" && entry.text !== null ? [entry] : []))
    const newest = messages[messages.length - 1]
    if (!newest) return story.promises.some((promise) => promise.state === "missed") ? "return.h1-silent" : "return.h1-none"
    return newest.by ? "return.h1-new" : "return.h1-yours"
}

function closedPart(story: Story): HTMLElement | null {
    if (!story.closed || !story.closedBy) return null
    const { at, by, text } = story.closedBy
    return h(
        "section",
        { class: "sheet flow", "data-testid": "closed" },
        h("p", null, t("return.closed-on", { name: nameOf(by), day: day(at) })),
        h("p", { class: "said" }, text),
        h("p", { class: "soft" }, t("return.closed-again")),
    )
}

function faultsPart(story: Story): HTMLElement | null {
    if (story.faults.length === 0) return null
    const lines = [...new Set(story.faults.map((fault) => sayFault(fault, story)))]
    return h(
        "section",
        { class: "errors flow", "aria-labelledby": "faults-title", "data-testid": "faults" },
        h("h2", { id: "faults-title" }, t("return.faults-title")),
        h("p", null, t("return.faults-text")),
        h("ul", { class: "plain" }, lines.map((line) => h("li", null, line))),
        h("p", null, t("return.fault-help")),
    )
}

function sayFault(fault: Fault, story: Story): string {
    const { code, about } = fault
    if (code === "receipt-report") return t("return.fault-receipt", { what: t("return.fault-receipt-report") })
    if (code === "receipt-message" || code === "receipt-other") return t("return.fault-receipt", { what: t("return.fault-receipt-message") })
    if (code === "excluded") {
        const person = story.panel.find((one) => one.id === about)
        return t("return.fault-excluded", { name: person ? nameOf(person) : t("return.panel-unknown") })
    }
    const promise = story.promises.find((one) => one.id === about)
    return t(`return.fault-${code}`, { promise: promise ? said(promise.title) : (about ?? "") })
}

/** Where a missed promise went before the rung that stands beside it in the list. */
function escalations(story: Story, organisation: Session["organisation"]): HTMLElement | null {
    const lines = story.escalations.flatMap(({ promise, rung, at }) => {
        const missed = story.promises.find((one) => one.id === promise)
        if (!missed || missed.rung === rung) return []
        const line = t("return.escalated", { promise: said(missed.title), who: rungName(rung, story, organisation) })
        return [h("p", null, line, " ", h("span", { class: "small" }, dayAndTime(at)))]
    })
    return lines.length ? note(t("promise.if-missed"), lines) : null
}
