/**
 * The handlers' API, one method a URL, and the public log that the console watches.
 *
 * Throws `Offline` where no answer came, and `ServerRefused` with the server's stable code where one did. Neither
 * ever holds a word of a case.
 */
import type { Json } from "../core/bytes.ts"
import type { CaseDetail, InboxCase, Me, NoticeRow, OrganisationFacts, RosterState, WrappedKey } from "./types.ts"

export class Offline extends Error {
    override name = "Offline"
}

export class ServerRefused extends Error {
    override name = "ServerRefused"
    constructor(
        readonly status: number,
        readonly code: string,
        readonly body: Readonly<Record<string, unknown>>,
    ) {
        super(`${status} ${code}`)
    }
}

export interface Uploaded {
    readonly received: number
    readonly done: boolean
}

export interface MessageBody {
    readonly kind: string
    readonly promises: readonly string[]
    readonly n: number
    readonly prev: string
    readonly file: string
    readonly signature: string
    readonly attachments: readonly { readonly sha256: string; readonly size: number }[]
    readonly kept: readonly { readonly promise: string; readonly label: string }[]
}

export interface PanelBody {
    readonly panel: readonly string[]
    readonly epoch: number
    readonly file: string
    readonly signature: string
}

type Query = Readonly<Record<string, string>>

export class Server {
    private readonly work: string
    private readonly open: string
    private readonly log: string

    constructor(
        readonly org: string,
        private readonly csrf: () => string,
    ) {
        this.work = `/work/${org}/api/v1`
        this.open = `/api/v1/orgs/${org}`
        this.log = `/log/${org}`
    }

    organisation = (): Promise<OrganisationFacts> => this.public("")
    questions = (): Promise<{ questions: Json | null }> => this.public("/questions")
    rosterChain = (): Promise<{ rosters: string[]; receipt: string | null; new_chain_until: string | null; gone?: string[] }> => this.public("/rosters")
    logText = (path: string): Promise<string> => this.bytesAt(`${this.log}/${path}`, "omit").then((b) => new TextDecoder().decode(b))
    logBytes = (path: string): Promise<Uint8Array> => this.bytesAt(`${this.log}/${path}`, "omit")

    me = (): Promise<Me> => this.get("me")
    inbox = (after?: string): Promise<{ cases: InboxCase[]; server_time: string; next?: string | null }> =>
        this.get("inbox", after === undefined ? {} : { after })
    case = (id: string): Promise<CaseDetail> => this.get(`cases/${id}`)
    /** A sealed attachment as it comes; an empty body stands for no stream. */
    fileStream = async (id: string, sha256: string): Promise<ReadableStream<Uint8Array>> => {
        const response = await answer(`${this.work}/cases/${id}/files/${sha256}`, {})
        return response.body ?? new Blob([]).stream()
    }
    roster = (): Promise<RosterState> => this.get("roster")
    notices = (): Promise<{ notices: NoticeRow[] }> => this.get("notices")

    publishKeys = (body: {
        recipient: string
        sign: string
        wrapped: readonly Omit<WrappedKey, "id">[]
    }): Promise<unknown> => this.send("POST", "keys", body)
    addWrapped = (wrapped: Omit<WrappedKey, "id">): Promise<unknown> => this.send("POST", "keys/wrapped", wrapped)
    removeWrapped = (id: string): Promise<unknown> => this.send("DELETE", `keys/wrapped/${id}`)
    proposeRoster = (text: string): Promise<unknown> => this.send("POST", "roster/drafts", { text })
    signRoster = (number: number, signature: string): Promise<unknown> => this.send("POST", `roster/drafts/${number}/sign`, { signature })
    message = (id: string, body: MessageBody): Promise<unknown> => this.send("POST", `cases/${id}/messages`, body)
    note = (id: string, body: { file: string; attachments: readonly unknown[] }): Promise<unknown> =>
        this.send("POST", `cases/${id}/notes`, body)
    panel = (id: string, body: PanelBody): Promise<unknown> => this.send("POST", `cases/${id}/panel`, body)
    stepDown = (id: string): Promise<unknown> => this.send("POST", `cases/${id}/step-down`, {})
    flag = (id: string, code: string): Promise<unknown> => this.send("POST", `cases/${id}/flags`, { code })

    uploaded = (id: string, sha256: string, signal?: AbortSignal): Promise<Uploaded> =>
        this.json(`${this.work}/cases/${id}/attachments/${sha256}`, signal ? { signal } : {})

    async upload(
        id: string,
        sha256: string,
        piece: { from: number; total: number; bytes: Uint8Array; sha256: string },
        signal?: AbortSignal,
    ): Promise<Uploaded> {
        const end = piece.from + piece.bytes.length - 1
        return this.json(`${this.work}/cases/${id}/attachments/${sha256}`, {
            method: "PUT",
            body: piece.bytes as Uint8Array<ArrayBuffer>,
            headers: {
                "Content-Type": "application/octet-stream",
                "Content-Range": `bytes ${piece.from}-${end}/${piece.total}`,
                "X-Chunk-SHA256": piece.sha256,
                "X-CSRFToken": this.csrf(),
            },
            ...(signal ? { signal } : {}),
        })
    }

    private get<T>(path: string, query: Query = {}): Promise<T> {
        const search = new URLSearchParams(query).toString()
        return this.json(`${this.work}/${path}${search === "" ? "" : `?${search}`}`, {})
    }

    private public<T>(path: string): Promise<T> {
        return this.json(`${this.open}${path}`, { credentials: "omit" })
    }

    private send<T>(method: string, path: string, body?: unknown): Promise<T> {
        return this.json(`${this.work}/${path}`, {
            method,
            headers: { "Content-Type": "application/json", "X-CSRFToken": this.csrf() },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        })
    }

    private async json<T>(url: string, init: RequestInit): Promise<T> {
        const response = await answer(url, { headers: { Accept: "application/json" }, ...init })
        const text = await response.text()
        return (text === "" ? null : JSON.parse(text)) as T
    }

    private async bytesAt(url: string, credentials: RequestCredentials): Promise<Uint8Array> {
        return new Uint8Array(await (await answer(url, { credentials })).arrayBuffer())
    }
}

async function answer(url: string, init: RequestInit): Promise<Response> {
    let response: Response
    try {
        response = await fetch(url, { credentials: "same-origin", cache: "no-store", redirect: "error", ...init })
    } catch {
        throw new Offline()
    }
    if (response.ok) return response
    if (response.status === 502 || response.status === 504) throw new Offline()
    const body = (await response.json().catch(() => ({}))) as Readonly<Record<string, unknown>>
    throw new ServerRefused(response.status, typeof body["error"] === "string" ? body["error"] : "unknown", body)
}

/** Django's token: from its cookie, else from the document. */
export function csrfToken(fallback: string): () => string {
    return () => /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? fallback
}
