/**
 * What this release promises, so that a server cannot quietly promise less (PROTOCOLS 5).
 *
 * The longest spans are those of answerable/promises/packs/*.json; a test compares them.
 */
import { parseTime } from "./bytes.ts"
import { Malformed } from "./errors.ts"

/** For each promise id the longest span from receipt to due, ISO 8601. */
export const LONGEST: Readonly<Record<string, string>> = {
    "own-acknowledged": "PT24H",
    "own-owner": "PT24H",
    "own-feedback": "P30DT2H",
    "eu-acknowledged": "P7DT2H",
    "eu-feedback": "P92DT2H",
    "fr-acknowledged": "P15DT2H",
    "fr-feedback": "P92DT2H",
}

/** Every case has these. */
export const ALWAYS: readonly string[] = ["own-acknowledged", "own-owner", "own-feedback"]

export interface DuePromise {
    readonly id: string
    readonly rule: string
    readonly due: string
}

/** Milliseconds of a span of days, hours, minutes and seconds. Throws Malformed "bad-span". */
export function spanMs(span: string): number {
    const found = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(span)
    if (found === null || span === "P" || span.charAt(span.length - 1) === "T") throw new Malformed("bad-span")
    const [days, hours, minutes, seconds] = found.slice(1).map((n) => Number(n ?? 0)) as [number, number, number, number]
    return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000
}

export type PromiseFault = "promise-missing" | "promise-unknown" | "promise-too-late"

/** What is wrong with promises: one is missing, none that we know, or due later than its span allows. */
export function checkPromises(
    promises: readonly DuePromise[],
    received: Date,
    expected: readonly string[],
): { readonly code: PromiseFault; readonly promise: string }[] {
    const faults: { code: PromiseFault; promise: string }[] = []
    for (const id of new Set([...ALWAYS, ...expected])) {
        if (!promises.some((promise) => promise.id === id)) faults.push({ code: "promise-missing", promise: id })
    }
    for (const { id, due } of promises) {
        const span = Object.prototype.hasOwnProperty.call(LONGEST, id) ? LONGEST[id] : undefined
        if (span === undefined) faults.push({ code: "promise-unknown", promise: id })
        else if (parseTime(due).getTime() > received.getTime() + spanMs(span)) faults.push({ code: "promise-too-late", promise: id })
    }
    return faults
}
