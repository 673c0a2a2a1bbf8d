/** What the server answers for a mailbox (the API's own words); nothing in it is believed before story.ts has checked it. */
import type { Kind } from "../core/message.ts"
import type { Organisation } from "../start/frame.ts"
import type { Bilingual } from "../ui/index.ts"

export interface KeysJson {
    epoch: number
    panel: string[]
    file: string
    /** "reporter" or a handler's id. */
    author: string
    signature: string | null
    receipt: string | null
    at: string
}

export interface PromiseJson {
    id: string
    rule: string
    due: string
    title: Bilingual
    text: Bilingual
    law: string | null
    keeps: readonly string[]
    state: "due" | "kept" | "late" | "missed"
    kept_at: string | null
    missed_at: string | null
    rung: number | null
    note: Bilingual | null
}

export interface MessageJson {
    author: string
    kind: Kind
    promises: string[]
    n: number
    prev: string
    file: string
    sha256: string
    attachments: { sha256: string; size: number }[]
    signature: string
    at: string
    receipt: string | null
}

export interface MailboxJson {
    case: string
    kind: "case" | "record"
    manifest: string
    signature: string
    report?: string
    record?: string
    keys: KeysJson[]
    identity: string | null
    received: string
    closed: boolean
    promises: PromiseJson[]
    attachments: { sha256: string; size: number; received: number; done: boolean }[]
    messages: MessageJson[]
    receipts: { type: string; at: string; receipt: string }[]
    events: { type: string; at: string; promise: string | null; rung: number | null }[]
    server_time: string
}

export type OrganisationJson = Organisation

export interface RostersJson {
    rosters: string[]
    receipt: string
    new_chain_until: string | null
}
