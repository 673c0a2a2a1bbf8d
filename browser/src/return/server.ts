/** The reporter's calls for a mailbox. No cookie goes with them; the token is in a header, never in an address. */
import { NoConnection, Refusal } from "../report/server.ts"
import type { MailboxApi } from "./session.ts"

const PATIENCE_MS = 60_000

export function mailboxApi(org: string): MailboxApi {
    const base = `/api/v1/orgs/${org}/`
    const json = async <T>(path: string, init: RequestInit = {}): Promise<T> => {
        const answer = await reach(base + path, init)
        return (await answer.json()) as T
    }
    const post = (body: object, token?: string): RequestInit => ({
        method: "POST",
        headers: { "Content-Type": "application/json", ...(token ? bearer(token) : {}) },
        body: JSON.stringify(body),
    })
    return {
        organisation: () => json(""),
        rosters: () => json("rosters"),
        mailboxChallenge: (caseId) => json("mailbox/challenge", post({ case: caseId })),
        openMailbox: (login) => json("mailbox/open", post(login)),
        mailbox: (token) => json("mailbox", { headers: bearer(token) }),
        mailboxFile: (token, sha256) => reach(`${base}mailbox/files/${sha256}`, { headers: bearer(token) }, 600_000),
        postMessage: (token, body) => json("mailbox/messages", post(body, token)),
    }
}

function bearer(token: string): Record<string, string> {
    return { Authorization: `Bearer ${token}` }
}

async function reach(address: string, init: RequestInit, patience = PATIENCE_MS): Promise<Response> {
    const stop = new AbortController()
    const timer = setTimeout(() => stop.abort(), patience)
    let answer: Response
    try {
        answer = await fetch(address, { credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer", signal: stop.signal, ...init })
    } catch {
        throw new NoConnection()
    } finally {
        clearTimeout(timer)
    }
    if (answer.ok) return answer
    throw new Refusal(answer.status, (await answer.json().catch(() => ({}))) as Record<string, unknown>)
}
