/** Where pieces of sealed files go: the attachments of a case or a private record. */
import { FileError } from "./errors.ts"
import { Lost, type Piece, type Received, type Shelf } from "./upload.ts"

/** Answers that say "later": the upload waits and goes on. */
const LATER = new Set([408, 425, 428, 429, 500, 502, 503, 504, 507])
const PATIENCE_MS = 120_000

/** `kind` is the address's part: "cases" or "records". */
export function caseShelf(org: string, kind: "cases" | "records", caseId: string): Shelf {
    const address = (sha256: string) => `/api/v1/orgs/${org}/${kind}/${caseId}/attachments/${sha256}`
    return {
        received: (sha256, signal) => ask(address(sha256), {}, signal),
        put: (sha256, piece, signal) => ask(address(sha256), putOf(piece), signal),
    }
}

function putOf({ from, total, bytes, sha256 }: Piece): RequestInit {
    return {
        method: "PUT",
        headers: {
            "Content-Type": "application/octet-stream",
            "Content-Range": `bytes ${from}-${from + bytes.length - 1}/${total}`,
            "X-Chunk-SHA256": sha256,
        },
        body: bytes as BodyInit,
    }
}

async function ask(address: string, init: RequestInit, signal: AbortSignal | undefined): Promise<Received> {
    const stop = new AbortController()
    const end = () => stop.abort()
    const timer = setTimeout(end, PATIENCE_MS)
    signal?.addEventListener("abort", end)
    try {
        const answer = await fetch(address, { credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer", signal: stop.signal, ...init })
        return await receivedOf(answer)
    } catch (fault) {
        if (fault instanceof FileError || fault instanceof Lost) throw fault
        throw new Lost()
    } finally {
        clearTimeout(timer)
        signal?.removeEventListener("abort", end)
    }
}

async function receivedOf(answer: Response): Promise<Received> {
    const body = (await answer.json().catch(() => ({}))) as { received?: unknown; done?: unknown; error?: unknown }
    const known = typeof body.received === "number"
    // 409: a piece came out of order; the answer says where to go on.
    if (known && (answer.ok || answer.status === 409)) return { received: body.received as number, done: body.done === true }
    if (answer.status === 422 && body.error === "bad-file") throw new FileError("bad-file")
    // A piece that was spoiled on its way is sent once more.
    if (LATER.has(answer.status) || (answer.status === 422 && body.error === "bad-chunk")) throw new Lost()
    throw new FileError("refused")
}
