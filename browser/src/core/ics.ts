/**
 * Reminders that give nothing away: an .ics file (RFC 5545) whose title the page chooses to be neutral.
 *
 * No organisation, no link, no description: a calendar is often shared with colleagues.
 */
import { b64url, randomBytes, utf8 } from "./bytes.ts"

export interface Reminder {
    readonly at: Date
    readonly title: string
}

export function calendarFile(reminders: readonly Reminder[], now: Date): string {
    const lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//reminders//EN", "CALSCALE:GREGORIAN"]
    for (const { at, title } of reminders) {
        lines.push(
            "BEGIN:VEVENT",
            // Random, so that two people's calendars cannot be matched by it.
            `UID:${b64url(randomBytes(16))}`,
            `DTSTAMP:${stamp(now)}`,
            `DTSTART:${stamp(at)}`,
            "DURATION:PT15M",
            `SUMMARY:${escaped(title)}`,
            "CLASS:PRIVATE",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        )
    }
    lines.push("END:VCALENDAR")
    return lines.map((line) => folded(line) + "\r\n").join("")
}

function stamp(moment: Date): string {
    return moment.toISOString().slice(0, 19).replace(/[-:]/g, "") + "Z"
}

/** RFC 5545, 3.3.11. */
function escaped(s: string): string {
    return s.replace(/[\\;,]/g, "\\$&").replace(/\r?\n/g, "\\n")
}

/** RFC 5545, 3.1: at most 75 octets a line, never cutting a character. */
function folded(line: string): string {
    let out = ""
    let octets = 0
    for (const character of line) {
        const size = utf8(character).length
        if (octets + size > 75) {
            out += "\r\n "
            octets = 1
        }
        out += character
        octets += size
    }
    return out
}
