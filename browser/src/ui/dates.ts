/**
 * Dates as the look has them: days and times in words, never countdowns. A promise's day is the
 * organisation's, so its time zone is set once the page knows it.
 */
import { language } from "./strings.ts"

let zone: string | undefined

export function setTimeZone(name: string): void {
    try {
        new Intl.DateTimeFormat("en", { timeZone: name })
        zone = name
    } catch {
        zone = undefined // an old browser that does not know the zone: the device's own
    }
}

function parts(moment: Date): Record<string, string> {
    const format = new Intl.DateTimeFormat(language() === "zh" ? "zh-CN" : "en-GB", {
        weekday: "short", day: "numeric", month: language() === "zh" ? "numeric" : "short", year: "numeric",
        hour: "2-digit", minute: "2-digit", hour12: false, ...(zone ? { timeZone: zone } : {}),
    })
    return Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, type === "weekday" ? value : value.replace(/[日月年]/g, "")]))
}

/** "Wed 4 Nov", with the year when it is not this one; “11月4日（周三）”. */
export function day(moment: Date, now: Date = new Date()): string {
    const p = parts(moment)
    const year = p.year !== parts(now).year
    if (language() === "zh") return `${year ? `${p.year}年` : ""}${p.month}月${p.day}日（${p.weekday}）`
    return `${p.weekday} ${p.day} ${p.month}${year ? ` ${p.year}` : ""}`
}

/** "21:14". */
export function clock(moment: Date): string {
    const p = parts(moment)
    return `${p.hour === "24" ? "00" : p.hour}:${p.minute}`
}

/** "Wed 4 Nov, 21:14"; “11月4日（周三）21:14”. */
export function dayAndTime(moment: Date, now: Date = new Date()): string {
    return day(moment, now) + (language() === "zh" ? "" : ", ") + clock(moment)
}

const CHINESE_CITIES: Readonly<Record<string, string>> = {
    Shanghai: "北京", Hong_Kong: "香港", Taipei: "台北", Singapore: "新加坡", Tokyo: "东京", Seoul: "首尔", Kolkata: "印度", Dublin: "都柏林",
    London: "伦敦", Paris: "巴黎", Berlin: "柏林", New_York: "纽约", Chicago: "芝加哥", Los_Angeles: "洛杉矶", Sydney: "悉尼",
}

/** The city of the organisation's clock, where it is not the device's: "Dublin", “都柏林”. Null where it is the same. */
export function clockPlace(): string | null {
    const own = new Intl.DateTimeFormat().resolvedOptions().timeZone
    if (!zone || zone === own) return null
    const city = zone.split("/").pop() as string
    return (language() === "zh" ? CHINESE_CITIES[city] : undefined) ?? city.replace(/_/g, " ")
}
