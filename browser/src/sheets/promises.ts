/**
 * The promises of a case in order of time: kept (closed ring), next (open, with its pearl), due (empty), missed
 * (broken, and it stays so, with where it went). Dates, never countdowns.
 */
import { count, day, dayAndTime, h, icon, language, t } from "../ui/index.ts"

export interface PromiseFacts {
    id: string
    due: Date
    /** In the page's language, as the organisation's rules have them. */
    title: string
    text?: string | null
    law?: string | null
    /** Said beside the date: a holiday calendar that is not decreed yet, for one. */
    note?: string | null
    state: "due" | "kept" | "late" | "missed"
    keptAt?: Date | null
    missedAt?: Date | null
    /** Whom it went to when it was missed: names or duties. */
    wentTo?: string | null
    /** The server says "kept", but no signed answer shows it. */
    unproven?: boolean
}

export interface PromiseOptions {
    received?: Date | null
    now: Date
    closedAt?: Date | null
}

type Shown = "kept" | "next" | "due" | "missed"

export function promiseList(promises: readonly PromiseFacts[], options: PromiseOptions): HTMLElement {
    const inOrder = [...promises].sort((a, b) => a.due.getTime() - b.due.getTime())
    const next = options.closedAt ? undefined : inOrder.find((promise) => promise.state === "due" && !promise.unproven)
    const items = inOrder.map((promise) => item(promise, promise === next, options.now))
    if (options.received) items.unshift(row("kept", t("promise.received"), "received", h("p", null, dayAndTime(options.received, options.now))))
    if (options.closedAt) items.push(row("kept", t("promise.closed"), "closed", h("p", null, dayAndTime(options.closedAt, options.now))))
    return h("ol", { class: "promises", "data-testid": "promises" }, items)
}

function item(promise: PromiseFacts, next: boolean, now: Date): HTMLElement {
    const shown: Shown = promise.unproven ? "missed" : promise.state === "kept" ? "kept" : promise.state === "due" ? (next ? "next" : "due") : "missed"
    return row(
        shown,
        promise.title,
        promise.id,
        stateLine(promise, now),
        promise.state === "due" && promise.text ? h("p", null, promise.text) : null,
        wentLine(promise, now),
        promise.note ? h("p", null, promise.note) : null,
        promise.law ? h("p", { class: "small" }, promise.law) : null,
    )
}

function stateLine(promise: PromiseFacts, now: Date): HTMLElement {
    const late = promise.state === "late" || promise.state === "missed"
    const due = late ? dayAndTime(promise.due, now) : dueText(promise.due, now)
    if (promise.unproven) return h("p", null, h("b", null, t("promise.unproven")))
    if (promise.state === "due") return h("p", null, t("promise.by", { due }))
    if (promise.state === "kept") {
        return h("p", null, promise.keptAt ? t("promise.kept-on", { when: dayAndTime(promise.keptAt, now) }) : t("promise.kept-in-time"))
    }
    return h("p", null, t("promise.was-due", { due }), language() === "zh" ? "" : " ", h("b", null, t("promise.missed-line")))
}

function wentLine(promise: PromiseFacts, now: Date): HTMLElement | null {
    if (promise.state !== "missed" && promise.state !== "late") return null
    const pieces: string[] = []
    if (promise.wentTo) {
        const when = promise.missedAt ? dayAndTime(promise.missedAt, now) : null
        pieces.push(when ? t("promise.went-to-at", { who: promise.wentTo, when }) : t("promise.went-to", { who: promise.wentTo }))
    }
    if (promise.state === "late" && promise.keptAt) {
        const after = lateness(promise.due, promise.keptAt)
        pieces.push(t("promise.made-up", { when: dayAndTime(promise.keptAt, now), late: after }))
    }
    return pieces.length ? h("p", null, pieces.join(language() === "zh" ? "" : " ")) : null
}

function row(shown: Shown, title: string, id: string, ...lines: (HTMLElement | null)[]): HTMLElement {
    return h("li", { class: shown, "data-promise": id, "data-state": shown }, icon(shown, t(`promise.is-${shown}`)), h("div", null, h("b", null, title), lines))
}

/** A promise by the hour within the next days shows its hour; one by the day shows its day. */
function dueText(due: Date, now: Date): string {
    return Math.abs(due.getTime() - now.getTime()) < 4 * 86_400_000 ? dayAndTime(due, now) : day(due, now)
}

/** "13 hours", "2 days"; rounded up, in the page's language. */
export function lateness(due: Date, kept: Date): string {
    const minutes = Math.max(1, Math.ceil((kept.getTime() - due.getTime()) / 60_000))
    if (minutes < 60) return count("promise.minutes", minutes)
    return minutes < 48 * 60 ? count("promise.hours", Math.ceil(minutes / 60)) : count("promise.days", Math.ceil(minutes / 1440))
}
