/**
 * Brings sealed files to the server, piece by piece, for as long as it takes.
 *
 * A piece is 1 MiB. The sealed bytes are never held: each piece is sealed again from the file when its turn
 * comes (core/sealed.ts), so a film of 200 MB needs a few megabytes. After a lost line the server is asked how
 * much it has, and the upload goes on from there; only the person, or a refusal for good, ends it.
 */
import { b64url, sha256 } from "../core/bytes.ts"
import { FileError } from "./errors.ts"

export const PIECE = 1024 * 1024

/** What is to be sent; core's SealedBlob is one. */
export interface Sealed {
    readonly sha256: Uint8Array
    readonly size: number
    read(offset: number, length: number): Promise<Uint8Array>
}

export interface Received {
    received: number
    done: boolean
}

export interface Piece {
    from: number
    total: number
    bytes: Uint8Array
    /** base64url of this piece's SHA-256. */
    sha256: string
}

/**
 * Where the pieces go. Both throw `Lost` when no answer came (try again) and FileError "refused" or
 * "bad-file" for good; `put` answers with what the server has, also when a piece came out of order.
 */
export interface Shelf {
    received(sha256: string, signal?: AbortSignal): Promise<Received>
    put(sha256: string, piece: Piece, signal?: AbortSignal): Promise<Received>
}

/** No answer, or one that says "later". */
export class Lost extends Error {}

export interface Progress {
    index: number
    sent: number
    size: number
    allSent: number
    allSize: number
}

export interface UploadOptions {
    signal?: AbortSignal
    onProgress?(progress: Progress): void
    /** Seconds until the next try while the line is lost; null when it goes on. */
    onWaiting?(seconds: number | null): void
    /** For tests: waits that many milliseconds, or until the browser says that it is online again. */
    wait?(milliseconds: number, signal?: AbortSignal): Promise<void>
}

/** How often the whole file may arrive broken before we stop. */
const WHOLE_TRIES = 3

/** Uploads the files one after another, in order. Throws FileError "stopped", "refused", "bad-file" or "unreadable". */
export async function uploadAll(items: readonly Sealed[], shelf: Shelf, options: UploadOptions = {}): Promise<void> {
    const allSize = items.reduce((sum, item) => sum + item.size, 0)
    let before = 0
    for (const [index, item] of items.entries()) {
        const tell = (sent: number) =>
            options.onProgress?.({ index, sent, size: item.size, allSent: before + sent, allSize })
        await uploadOne(item, shelf, options, tell)
        before += item.size
    }
}

async function uploadOne(item: Sealed, shelf: Shelf, options: UploadOptions, tell: (sent: number) => void): Promise<void> {
    const name = b64url(item.sha256)
    const { signal } = options
    let broken = 0
    let state = await patiently(() => shelf.received(name, signal), options)
    tell(state.received)
    while (!state.done) {
        const from = state.received
        const piece = await pieceOf(item, from)
        try {
            state = await patiently(
                (again) => (again ? shelf.received(name, signal) : shelf.put(name, piece, signal)),
                options,
            )
        } catch (fault) {
            if (!(fault instanceof FileError && fault.code === "bad-file") || ++broken >= WHOLE_TRIES) throw fault
            state = { received: 0, done: false } // it starts again at its beginning
        }
        tell(state.received)
    }
}

async function pieceOf(item: Sealed, from: number): Promise<Piece> {
    if (from < 0 || from >= item.size) throw new FileError("bad-file")
    const bytes = await item.read(from, Math.min(PIECE, item.size - from))
    return { from, total: item.size, bytes, sha256: b64url(sha256(bytes)) }
}

/** Tries until there is an answer. `act` is told whether it is a further try. */
async function patiently<T>(act: (again: boolean) => Promise<T>, options: UploadOptions): Promise<T> {
    const { signal, onWaiting, wait = pause } = options
    for (let tries = 0; ; tries++) {
        if (signal?.aborted) throw new FileError("stopped")
        try {
            const answer = await act(tries > 0)
            if (tries > 0) onWaiting?.(null)
            return answer
        } catch (fault) {
            if (signal?.aborted) throw new FileError("stopped")
            if (!(fault instanceof Lost)) throw fault
            const seconds = backoff(tries, Math.random())
            onWaiting?.(seconds)
            await wait(seconds * 1000, signal)
        }
    }
}

/** 1, 2, 4 … 30 seconds, each shortened by up to a third so that phones don't all come back at once. */
export function backoff(tries: number, chance: number): number {
    const whole = Math.min(30, 2 ** Math.min(tries, 5))
    return Math.max(1, Math.round(whole * (1 - chance / 3)))
}

/** Ends early when the line is back or the person stops it. */
function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((done) => {
        const end = () => {
            clearTimeout(timer)
            removeEventListener("online", end)
            signal?.removeEventListener("abort", end)
            done()
        }
        const timer = setTimeout(end, milliseconds)
        addEventListener("online", end)
        signal?.addEventListener("abort", end)
    })
}
