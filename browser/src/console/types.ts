/** What the handlers' API answers (JSON; binary is base64url, times are RFC 3339). */
import type { Bilingual } from "./words.ts"

export type Role = "handler" | "lead" | "external" | "overseer" | "administrator" | "member"

export interface WrappedKey {
    readonly id: string
    readonly kind: "passphrase" | "passkey"
    readonly label: string
    readonly file: string
    readonly credential: string | null
}

export interface Me {
    readonly person: { readonly id: string; readonly name: Bilingual; readonly role: Role; readonly languages: readonly string[] }
    readonly key: { readonly recipient: string; readonly sign: string; readonly since: string } | null
    readonly wrapped: readonly WrappedKey[]
    readonly roster: string | null
    readonly in_roster: boolean
    readonly auto_lock_minutes: number
}

export interface OrganisationFacts {
    readonly org: string
    readonly name: Bilingual
    readonly origin: string
    readonly time_zone: string
    readonly log_key: string
    readonly look?: { readonly light: Readonly<Record<string, string>> | null; readonly dark: Readonly<Record<string, string>> | null; readonly mark: string | null }
    readonly jurisdictions: readonly { readonly id: string; readonly name: Bilingual }[]
    readonly rungs: readonly { readonly number: number; readonly name: Bilingual; readonly role: string }[]
    readonly limits: { readonly report: number; readonly attachment: number; readonly attachments: number; readonly chunk: number }
}

export interface RosterCandidate {
    readonly id: string
    readonly name: Bilingual
    readonly duty: Bilingual
    readonly role: Role
    readonly languages: readonly string[]
    readonly recipient: string | null
    readonly sign: string | null
}

export interface RosterChange {
    readonly id: string
    readonly change: "joined" | "left" | "new-key" | "role"
}

export interface RosterDraft {
    readonly number: number
    readonly text: string
    readonly signatures: readonly string[]
    /** Signatures still missing. */
    readonly needs: number
    /** Until when a draft that begins a new chain waits, unless somebody confirms or refuses it; null for any other. */
    readonly waits_until: string | null
    readonly changes: readonly (RosterChange & { readonly name?: Bilingual })[]
}

export interface RosterState {
    readonly current: string | null
    readonly drafts: readonly RosterDraft[]
    readonly people: readonly RosterCandidate[]
}

export interface PromiseRow {
    readonly id: string
    readonly rule: string
    readonly due: string
    readonly title: Bilingual
    readonly text?: Bilingual | null
    readonly law?: string | null
    readonly note?: Bilingual | null
    /** Kinds of message that keep it. */
    readonly keeps: readonly string[]
    readonly state: "due" | "kept" | "late" | "missed"
    readonly kept_at: string | null
    readonly missed_at: string | null
    readonly rung: number | null
}

export interface KeysRow {
    readonly epoch: number
    readonly panel: readonly string[]
    readonly file: string
    readonly author: string | null
    readonly signature: string | null
    readonly receipt: string | null
    readonly at: string
}

/** A seat whose holder reads nothing any more; the others seal the case anew without them. */
export interface Leaving {
    readonly person: string
    readonly why: "left" | "stepped-down"
    readonly at: string
}

export interface InboxCase {
    readonly case: string
    readonly received: string
    readonly report_size: number
    readonly next: { readonly promise: string; readonly title: Bilingual; readonly due: string } | null
    readonly missed: readonly string[]
    readonly messages: { readonly reporter: number; readonly handlers: number }
    readonly unanswered: boolean
    readonly panel: readonly string[]
    readonly closed: boolean
    readonly leaving: readonly Leaving[]
    readonly rung: number
    readonly flags: number
    readonly keys_epoch: number
    readonly manifest: string
    readonly keys_file: string
    readonly report: string
}

export interface MessageRow {
    readonly author: string
    readonly kind: string
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

export interface AttachmentRow {
    readonly sha256: string
    readonly size: number
    readonly received: number
    readonly done: boolean
}

export interface CaseDetail {
    readonly case: string
    readonly manifest: string
    readonly signature: string
    readonly report: string
    readonly keys: readonly KeysRow[]
    readonly identity: string | null
    readonly received: string
    readonly closed: boolean
    readonly leaving: readonly Leaving[]
    readonly promises: readonly PromiseRow[]
    readonly attachments: readonly AttachmentRow[]
    readonly messages: readonly MessageRow[]
    readonly receipts: readonly { readonly type: string; readonly at: string; readonly receipt: string }[]
    readonly events: readonly { readonly type: string; readonly at: string; readonly promise: string | null; readonly rung: number | null }[]
    readonly notes: readonly { readonly author: string; readonly file: string; readonly sha256: string; readonly at: string }[]
    readonly flags: readonly { readonly code: string; readonly author: string; readonly at: string }[]
    readonly server_time: string
}

export interface NoticeRow {
    readonly id: string
    readonly kind: string
    readonly at: string
    readonly read: boolean
}
