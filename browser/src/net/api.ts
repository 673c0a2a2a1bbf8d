/**
 * The server's API as the browser sees it (docs: /api/v1/openapi.json).
 *
 * - Reporters' requests carry no cookies and no referrer: nothing ties them to a signed-in person.
 * - Handlers' requests carry the session and its CSRF token, to the same origin only.
 * - A lost line is tried again with growing pauses where repeating is harmless: GET, PUT, and the POSTs that
 *   are idempotent. Whatever the server answered is never tried again here.
 *
 * Throws ApiError (the server said no; `code` is its stable code), NoConnection, or Stopped.
 */
import { CoreError, Stopped } from "../core/errors.ts"

/** The server's refusal. `body` may carry more, such as a new challenge. */
export class ApiError extends CoreError {
    constructor(
        readonly status: number,
        code: string,
        readonly body: { readonly [name: string]: unknown },
    ) {
        super(code, `${status} ${code}`)
    }
}

/** No answer after all tries. */
export class NoConnection extends CoreError {
    constructor() {
        super("no-connection")
    }
}

export interface CallOptions {
    readonly signal?: AbortSignal
    /** Tries in all; 1 for no second one. */
    readonly tries?: number
    /** Told before each pause, in milliseconds. */
    readonly onWaiting?: (pause: number) => void
}

interface Call extends CallOptions {
    readonly method: "GET" | "POST" | "PUT" | "DELETE"
    readonly path: string
    readonly json?: unknown
    /** Whether sending it twice does no harm. */
    readonly repeatable: boolean
}

const FIRST_PAUSE = 500
const LONGEST_PAUSE = 20_000
const TRIES = 6
/** The server is busy or out of room for now: the same as a lost line. */
const LATER = [502, 503, 504]

/** Sends requests; the same for reporters and handlers but for what goes with them. */
export class Client {
    constructor(
        private readonly credentials: "omit" | "same-origin",
        private readonly headers: () => { readonly [name: string]: string } = () => ({}),
    ) {}

    async json<T>(call: Call): Promise<T> {
        return (await (await this.send(call)).json()) as T
    }

    /** The answer, which is a success. */
    async send(call: Call): Promise<Response> {
        const tries = call.repeatable ? (call.tries ?? TRIES) : 1
        for (let attempt = 1; ; attempt++) {
            const response = await this.attempt(call)
            const again = response === null || LATER.indexOf(response.status) >= 0
            if (response !== null && response.ok) return response
            if (!again || attempt >= tries) throw response === null ? new NoConnection() : await refusal(response)
            const pause = Math.min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE) * (0.75 + Math.random() / 2)
            call.onWaiting?.(pause)
            await sleep(pause, call.signal)
        }
    }

    /** Null without an answer. */
    private async attempt(call: Call): Promise<Response | null> {
        if (stopped(call)) throw new Stopped()
        const headers: Record<string, string> = { Accept: "application/json", ...this.headers() }
        if (call.json !== undefined) headers["Content-Type"] = "application/json"
        try {
            return await fetch(call.path, {
                method: call.method,
                headers,
                body: call.json !== undefined ? JSON.stringify(call.json) : null,
                credentials: this.credentials,
                mode: "same-origin",
                redirect: "error",
                referrerPolicy: "no-referrer",
                cache: "no-store",
                signal: call.signal ?? null,
            })
        } catch {
            if (stopped(call)) throw new Stopped()
            return null
        }
    }
}

function stopped(call: CallOptions): boolean {
    return call.signal?.aborted === true
}

async function refusal(response: Response): Promise<ApiError> {
    let body: { readonly [name: string]: unknown } = {}
    try {
        body = (await response.json()) as typeof body
    } catch {
        // A proxy's page in place of our JSON: the status must do.
    }
    const code = typeof body["error"] === "string" ? body["error"] : "no-code"
    return new ApiError(response.status, code, body)
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
        const stop = (): void => {
            clearTimeout(timer)
            reject(new Stopped())
        }
        const timer = setTimeout(() => {
            signal?.removeEventListener("abort", stop)
            resolve()
        }, ms)
        signal?.addEventListener("abort", stop)
    })
}
