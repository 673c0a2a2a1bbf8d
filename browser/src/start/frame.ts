/** What every reporter's page does first: the way out, the anchor, the organisation's name. */
import { byId, carryAnchor, installLeave, place, said, setLeaveTarget, setTimeZone, speak, type Bilingual, type Language } from "../ui/index.ts"
import { dress } from "./look.ts"

/** The public facts of an organisation that pages need (GET /api/v1/orgs/<org>). */
export interface Organisation {
    readonly org: string
    readonly name: Bilingual
    readonly origin: string
    readonly time_zone: string
    readonly log_key: string
    readonly open: boolean
    readonly paused?: boolean
    readonly look?: { readonly light: Readonly<Record<string, string>> | null; readonly dark: Readonly<Record<string, string>> | null; readonly mark: string | null }
    readonly jurisdictions: readonly { readonly id: string; readonly name: Bilingual }[]
    readonly rungs: readonly { readonly number: number; readonly name: Bilingual; readonly role: string }[]
    readonly outside_contact: { readonly name: Bilingual; readonly telephone: string | null; readonly post: string | null; readonly pgp: string | null; readonly email: string | null } | null
    readonly leave_url: string
    readonly limits: { readonly report: number; readonly attachment: number; readonly attachments: number; readonly chunk: number }
}

/** Starts a page: leaving works before anything is fetched. */
export function frame(language: Language, strings: Readonly<Record<string, string>>): void {
    speak(language, strings)
    installLeave()
    carryAnchor()
}

/** Fetches who runs this page and puts the name into the head. Null without a connection: every page works without it. */
export async function organisation(): Promise<Organisation | null> {
    try {
        const answer = await fetch(`/api/v1/orgs/${place().org}`, { credentials: "omit", cache: "no-cache" })
        if (!answer.ok) return null
        const facts = (await answer.json()) as Organisation
        introduce(facts)
        return facts
    } catch {
        return null
    }
}

export function introduce(facts: Organisation): void {
    byId("org-name").textContent = said(facts.name)
    dress(facts.look)
    setTimeZone(facts.time_zone)
    setLeaveTarget(facts.leave_url)
}
