/**
 * What a reporter's pages ask for: one method per address of /api/v1/orgs/<org>/. Binary is base64url.
 *
 * Pieces of files go by files/shelf.ts.
 */
import { b64url, unb64url, type Json } from "../core/bytes.ts"
import type { CaseKeys } from "../core/casekeys.ts"
import { signLogin } from "../core/login.ts"
import type { Kind, MessageBody } from "../core/message.ts"
import type { DuePromise } from "../core/promises.ts"
import { solve, type PowOptions } from "../core/pow.ts"
import type { RecordSubmission, Submission } from "../core/report.ts"
import type { Bilingual, Role } from "../core/roster.ts"
import { ApiError, Client, type CallOptions } from "./api.ts"

export interface OrganisationInfo {
    readonly org: string
    readonly name: Bilingual
    readonly languages: readonly ("en" | "zh")[]
    /** Of the log: "<host>/log/<org>". */
    readonly origin: string
    readonly time_zone: string
    /** The log's vkey. */
    readonly log_key: string
    readonly open: boolean
    readonly jurisdictions: readonly { readonly id: string; readonly name: Bilingual }[]
    readonly rungs: readonly { readonly number: number; readonly name: Bilingual; readonly role: Role }[]
    readonly outside_contact: {
        readonly name: Bilingual
        readonly telephone: string
        readonly post: string
        readonly pgp: string
        readonly email: string
    }
    readonly leave_url: string
    /** Bytes; `attachments` is a count. */
    readonly limits: { readonly report: number; readonly attachment: number; readonly attachments: number; readonly chunk: number }
}

export interface RosterAnswer {
    /** Oldest first. */
    readonly rosters: readonly string[]
    /** Receipt of the newest roster.updated. */
    readonly receipt: string
    readonly new_chain_until: string | null
    /** Ids of who left since the newest roster was signed, says the server. */
    readonly gone?: readonly string[]
}

export interface PromiseText extends DuePromise {
    readonly title: Bilingual
    readonly text: Bilingual
    readonly law: string | null
    readonly keeps: readonly Kind[]
    readonly note: Bilingual | null
}

export interface PromiseState extends PromiseText {
    readonly state: "due" | "kept" | "late" | "missed"
    readonly kept_at: string | null
    readonly missed_at: string | null
    readonly rung: number | null
}

export interface Challenge {
    readonly challenge: string
    readonly bits: number
    readonly expires: string
}

export interface Work {
    readonly challenge: string
    readonly counter: number
}

export interface Received {
    readonly receipt: string
    readonly received: string
    readonly promises: readonly DuePromise[]
}

export interface CaseMessage {
    readonly author: string
    readonly kind: Kind
    readonly promises: readonly string[]
    readonly n: number
    readonly prev: string
    readonly file: string
    readonly sha256: string
    readonly attachments: readonly { readonly sha256: string; readonly size: number }[]
    readonly signature: string
    readonly at: string
    readonly receipt: string
}

export interface CaseKeysFile {
    readonly epoch: number
    readonly panel: readonly string[]
    readonly file: string
    readonly author: string | null
    readonly signature: string | null
    readonly receipt: string | null
    readonly at: string
}

export interface Mailbox {
    readonly case: string
    readonly kind: "case" | "record"
    readonly manifest: string
    readonly signature: string
    readonly report?: string
    readonly record?: string
    readonly keys: readonly CaseKeysFile[]
    readonly identity: string | null
    readonly received: string
    readonly closed: boolean
    /** The day (YYYY-MM-DD) on which a private record is erased; null for a report, which counts from its closing. */
    readonly kept_until?: string | null
    /** Seats whose holders left or stepped down, until the others seal the case anew. */
    readonly leaving?: readonly { readonly person: string; readonly why: "left" | "stepped-down"; readonly at: string }[]
    readonly promises: readonly PromiseState[]
    readonly attachments: readonly { readonly sha256: string; readonly size: number; readonly received: number; readonly done: boolean }[]
    readonly messages: readonly CaseMessage[]
    readonly receipts: readonly { readonly type: string; readonly at: string; readonly receipt: string }[]
    readonly events: readonly {
        readonly type: "missed" | "escalated" | "panel" | "closed"
        readonly at: string
        readonly promise: string | null
        readonly rung: number | null
    }[]
    readonly server_time: string
}

export interface MessageReceipt {
    readonly receipt: string
    readonly at: string
}

type Part = "cases" | "records"

export class ReporterApi {
    private readonly client = new Client("omit")
    private readonly base: string

    constructor(readonly org: string) {
        this.base = `/api/v1/orgs/${encodeURIComponent(org)}/`
    }

    organisation(options: CallOptions = {}): Promise<OrganisationInfo> {
        return this.get("", options)
    }

    rosters(options: CallOptions = {}): Promise<RosterAnswer> {
        return this.get("rosters", options)
    }

    /** The organisation's own questions, unread. */
    questions(options: CallOptions = {}): Promise<{ readonly questions: Json | null }> {
        return this.get("questions", options)
    }

    promises(
        jurisdiction: string | null,
        startRung: number,
        options: CallOptions = {},
    ): Promise<{ readonly promises: readonly (PromiseText & { readonly longest: string })[]; readonly received: string }> {
        const query = jurisdiction === null ? "" : `jurisdiction=${encodeURIComponent(jurisdiction)}&`
        return this.get(`promises?${query}start_rung=${startRung}`, options)
    }

    challenge(options: CallOptions = {}): Promise<Challenge> {
        return this.get("challenge", options)
    }

    /** Fetches a challenge and does its work. */
    async work(options: PowOptions & CallOptions = {}): Promise<Work> {
        return this.workFor(await this.challenge(options), options)
    }

    private async workFor({ challenge, bits }: Pick<Challenge, "challenge" | "bits">, options: PowOptions): Promise<Work> {
        return { challenge, counter: await solve(unb64url(challenge), bits, options) }
    }

    /** Sends a report; the same one again gives the same receipt. Does new work if the server asks for it. */
    putCase(caseId: string, submission: Submission, pow: Work, options: PowOptions & CallOptions = {}): Promise<Received> {
        return this.put("cases", caseId, submission.body, pow, options)
    }

    putRecord(
        caseId: string,
        submission: RecordSubmission,
        pow: Work,
        options: PowOptions & CallOptions = {},
    ): Promise<Pick<Received, "receipt" | "received">> {
        return this.put("records", caseId, submission.body, pow, options)
    }

    private async put<T>(part: Part, caseId: string, body: object, pow: Work, options: PowOptions & CallOptions): Promise<T> {
        for (let work = pow, asked = 0; ; asked++) {
            try {
                const json = { ...body, pow: work }
                return await this.client.json<T>({ ...options, method: "PUT", path: `${this.base}${part}/${caseId}`, json, repeatable: true })
            } catch (error) {
                const next = error instanceof ApiError && error.code === "work-needed" ? challengeIn(error) : null
                if (next === null || asked >= 3) throw error
                work = await this.workFor(next, options)
            }
        }
    }

    /** Opens the mailbox of these words. ApiError "no-mailbox" for every failure. */
    async openMailbox(keys: CaseKeys, origin: string, options: CallOptions = {}): Promise<MailboxApi> {
        const challenge = await this.client.json<{ nonce: string }>({
            ...options,
            method: "POST",
            path: `${this.base}mailbox/challenge`,
            json: { case: keys.idText },
            repeatable: true,
        })
        const { nonce } = challenge
        const signature = signLogin({ origin, org: this.org, caseId: keys.id, nonce: unb64url(nonce, 32) }, keys.signSeed)
        const { token } = await this.client.json<{ token: string; expires: string }>({
            ...options,
            method: "POST",
            path: `${this.base}mailbox/open`,
            json: { case: keys.idText, nonce, signature: b64url(signature) },
            // A nonce opens once.
            repeatable: false,
        })
        return new MailboxApi(this.base, token)
    }

    private get<T>(path: string, options: CallOptions): Promise<T> {
        return this.client.json({ ...options, method: "GET", path: (this.base + path).replace(/\/$/, ""), repeatable: true })
    }
}

function challengeIn(error: ApiError): Pick<Challenge, "challenge" | "bits"> | null {
    const { challenge, bits } = error.body
    return typeof challenge === "string" && typeof bits === "number" ? { challenge, bits } : null
}

/** An open mailbox; its token lives in this object only. ApiError 401 when it has run out. */
export class MailboxApi {
    private readonly client: Client

    constructor(
        private readonly base: string,
        token: string,
    ) {
        this.client = new Client("omit", () => ({ Authorization: `Bearer ${token}` }))
    }

    mailbox(options: CallOptions = {}): Promise<Mailbox> {
        return this.client.json({ ...options, method: "GET", path: `${this.base}mailbox`, repeatable: true })
    }

    /** A sealed file, as a response whose body can be streamed. */
    file(fileSha256: string, options: CallOptions = {}): Promise<Response> {
        return this.client.send({ ...options, method: "GET", path: `${this.base}mailbox/files/${fileSha256}`, repeatable: true })
    }

    /** Idempotent on author, number and hash. */
    postMessage(body: MessageBody, options: CallOptions = {}): Promise<MessageReceipt> {
        return this.client.json({ ...options, method: "POST", path: `${this.base}mailbox/messages`, json: body, repeatable: true })
    }
}
