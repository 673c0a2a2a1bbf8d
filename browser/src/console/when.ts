/** Dates as people say them, in the organisation's time zone. */
import { setTimeZone } from "../ui/index.ts"
import { count, language, t } from "./words.ts"

const HOUR = 3_600_000
const DAY = 24 * HOUR

let zone = "UTC"
/** Called once, before anything is shown; an unknown zone leaves UTC. */
export function useTimeZone(name: string): void {
    setTimeZone(name)
    try {
        new Intl.DateTimeFormat("en", { timeZone: name })
        zone = name
    } catch {
        zone = "UTC"
    }
}

function format(moment: Date, options: Intl.DateTimeFormatOptions): string {
    const locale = language() === "zh" ? "zh-CN" : "en-GB"
    return new Intl.DateTimeFormat(locale, { timeZone: zone, hourCycle: "h23", ...options }).format(moment)
}

const clock: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" }

export function hour(moment: Date): string {
    return format(moment, clock)
}

/** "Thu 5 Nov, 09:10", with the year where it is not this one. */
export function moment(at: Date, now: Date): string {
    if (dayNumber(at) === dayNumber(now)) return t("when.today", { time: hour(at) })
    const year: Intl.DateTimeFormatOptions = format(at, { year: "numeric" }) === format(now, { year: "numeric" }) ? {} : { year: "numeric" }
    const day = format(at, { weekday: "short", day: "numeric", month: "short", ...year })
    return language() === "zh" ? `${day} ${hour(at)}` : `${day}, ${hour(at)}`
}

/** "Thursday 5 November, 09:10" */
export function longMoment(at: Date): string {
    const day = format(at, { weekday: "long", day: "numeric", month: "long" })
    return language() === "zh" ? `${day} ${hour(at)}` : `${day}, ${hour(at)}`
}

export function longDay(at: Date): string {
    return format(at, { day: "numeric", month: "long", year: "numeric" })
}

/** When it is due, as short as it can be said: an hour today, a day this week, else a date. */
export function dueShort(due: Date, now: Date): string {
    const days = dayNumber(due) - dayNumber(now)
    if (days === 0) return hour(due)
    if (days > 0 && days < 7) return `${format(due, { weekday: "short" })} ${hour(due)}`
    return format(due, { day: "numeric", month: "short" })
}

/** How late something is: hours in the first two days, then days. */
export function lateness(due: Date, now: Date): string {
    const late = Math.max(0, now.getTime() - due.getTime())
    if (late < HOUR) return count("when.minutes-late", Math.max(1, Math.floor(late / 60_000)))
    if (late < 2 * DAY) return count("when.hours-late", Math.floor(late / HOUR))
    return count("when.days-late", Math.floor(late / DAY))
}

export type Group = "missed" | "today" | "week" | "later"

/** Which part of the list a due moment stands in. */
export function groupOf(due: Date, now: Date): Group {
    if (due.getTime() < now.getTime()) return "missed"
    const days = dayNumber(due) - dayNumber(now)
    if (days <= 0) return "today"
    return days < 7 ? "week" : "later"
}

/** How much of the time between the two is gone, 0 to 1. */
export function gone(from: Date, due: Date, now: Date): number {
    const whole = due.getTime() - from.getTime()
    return whole <= 0 ? 1 : Math.max(0, Math.min(1, (now.getTime() - from.getTime()) / whole))
}

function dayNumber(at: Date): number {
    const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(at)
    return Math.round(Date.parse(`${parts}T00:00:00Z`) / DAY)
}
