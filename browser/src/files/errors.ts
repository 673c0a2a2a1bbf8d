/**
 * What can go wrong with a person's files. `code` never changes; pages translate it.
 * Messages never hold a file's name or content.
 */
export type FileFault =
    | "unreadable" // the browser can't read the file (moved, or no longer allowed)
    | "not-clean" // metadata is still there after cleaning: never sent silently
    | "stopped" // the person, or the page, stopped it
    | "refused" // the server refuses this file for good
    | "bad-file" // what arrived differs from what was sealed, again and again
    | "no-microphone" // none there, or not allowed
    | "no-recorder" // this browser can't record
    | "nothing-recorded"

export class FileError extends Error {
    readonly code: FileFault

    constructor(code: FileFault) {
        super(code)
        this.name = "FileError"
        this.code = code
        Object.setPrototypeOf(this, new.target.prototype)
    }
}
