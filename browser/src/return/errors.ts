/** What can go wrong with a mailbox beside what the core refuses. */

/** No mailbox answers to these words: said like any other slip in them (PROTOCOLS 2.5). */
export class NoMailbox extends Error {
    constructor() {
        super("no mailbox")
        Object.setPrototypeOf(this, NoMailbox.prototype)
    }
}

/** The right words, of a case that was closed long ago and erased. `on`: the day, YYYY-MM-DD. */
export class CaseErased extends Error {
    constructor(readonly on: string) {
        super("erased")
        Object.setPrototypeOf(this, CaseErased.prototype)
    }
}

/** Whether a request got no answer, or one that says "later". */
export function isLine(fault: unknown): boolean {
    const { status, code } = (fault ?? {}) as { status?: unknown; code?: unknown }
    return code === "no-connection" || (typeof status === "number" && status >= 500)
}
