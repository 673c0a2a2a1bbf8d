/**
 * What the core refuses, and why.
 *
 * One root, `CoreError`; each error has a `code` that never changes, for pages to translate.
 * Messages name the fact and never hold words, names or secrets of a report.
 */

export class CoreError extends Error {
    readonly code: string

    constructor(code: string, message?: string) {
        super(message ?? code)
        this.name = new.target.name
        this.code = code
        // Class fields of Error lose their prototype where a bundler lowers classes.
        Object.setPrototypeOf(this, new.target.prototype)
    }
}

/** Bytes or text that are not what their format says. */
export class Malformed extends CoreError {}

/** Well formed, but a signature, hash or rule says no. */
export class Refused extends CoreError {}

/** No identity at hand opens this file, or it was changed. */
export class CannotOpen extends CoreError {}

/** This browser lacks something that sealing needs. */
export class NotSupported extends CoreError {}

/** The person, or the page, stopped it. */
export class Stopped extends CoreError {
    constructor() {
        super("stopped")
    }
}

export type WordFault = "word-not-listed" | "word-count" | "words-wrong"

/**
 * The twelve words do not stand.
 *
 * `word` and `position` (from 1) are there only for "word-not-listed", and only for the page to show
 * to the person who typed them: they are in no message.
 */
export class WrongWords extends CoreError {
    declare readonly code: WordFault
    readonly word: string | undefined
    readonly position: number | undefined

    constructor(code: WordFault, word?: string, position?: number) {
        super(code)
        this.word = word
        this.position = position
    }
}
