/** What every page of the console works with: who is here, the organisation, the roster, and the open words. */
import { codeNames, codeName } from "../core/codename.ts"
import { Refused } from "../core/errors.ts"
import type { HandlerKeys } from "../core/handlerkeys.ts"
import type { Policy } from "../core/receipt.ts"
import { b64url } from "../core/bytes.ts"
import type { Roster, RosterPerson } from "../core/roster.ts"
import { english } from "../core/words-en.ts"
import { chinese } from "../core/words-zh.ts"
import { fingerprintWords, type WordList } from "../core/words.ts"
import type { SealedDraft } from "./drafts.ts"
import type { Watch } from "./rosterwatch.ts"
import type { Server } from "./server.ts"
import type { Session } from "./session.ts"
import type { Me, OrganisationFacts, RosterState } from "./types.ts"
import { language, said, t, type Bilingual, type Language } from "./words.ts"

export type Place =
    | { readonly view: "inbox" | "roster" | "key" | "notices" | "sealed" | "handover" | "import" }
    | { readonly view: "case"; readonly id: string }

/** One page: what stands in `main`, and what to stop when it goes. */
export interface View {
    readonly title: string
    readonly element: HTMLElement
    /** Called when the page goes away or is drawn anew. */
    readonly stop?: () => void
    /** Fetches what is new and shows it where it stands; called every 15 seconds. */
    readonly refresh?: () => Promise<void>
}

export interface Desk {
    readonly server: Server
    readonly facts: OrganisationFacts
    readonly session: Session
    readonly policy: Policy
    readonly drafts: Map<string, SealedDraft>
    /** Titles opened this session; emptied on locking. */
    readonly titles: Map<string, string>
    me: Me
    watch: Watch
    /** The server's clock minus ours, milliseconds. */
    skew: number
    go(place: Place): void
    redraw(): void
    reload(): Promise<void>
    unlocked(keys: HandlerKeys): Promise<void>
    say(text: string): void
}

export function now(desk: Desk): Date {
    return new Date(Date.now() + desk.skew)
}

export function wordList(of: Language = language()): WordList {
    return of === "zh" ? chinese : english
}

/** The newest thing a logged roster says about this person; null for somebody who was never on one. */
export function rosterPerson(desk: Desk, id: string): RosterPerson | null {
    for (const roster of [...(desk.watch.chain?.rosters ?? [])].reverse()) {
        const person = roster.people.find((one) => one.id === id)
        if (person !== undefined) return person
    }
    return null
}

export function nameOf(desk: Desk, id: string): string {
    const person = rosterPerson(desk, id)
    if (person !== null) return said(person.name)
    return id === desk.me.person.id ? said(desk.me.person.name) : t("console.person.unknown", { id: id.slice(0, 6) })
}

/** The name, or “You”. */
export function whoIs(desk: Desk, id: string): string {
    return id === desk.me.person.id ? t("console.you") : nameOf(desk, id)
}

export function newestRoster(desk: Desk): Roster | null {
    return desk.watch.chain?.newest ?? null
}

/** The roster that the chain was read again for: once, because a server that shows two different ones shows them every time. */
let readFor = ""

/** Reads the chain again where another roster was signed and logged meanwhile; whether the page was drawn anew for it. */
export async function readAgain(desk: Desk, { current }: RosterState): Promise<boolean> {
    if (current === null || current === newestRoster(desk)?.note || current === readFor) return false
    readFor = current
    await desk.reload()
    return true
}

/**
 * Nothing is sealed or signed by a roster that raised an alarm, such as one that the log does not prove. A key of one's own
 * that waits to be listed changes nothing about the others'.
 *
 * Throws Refused "roster-alarm".
 */
export function refuseAlarmed(desk: Desk): void {
    if (desk.watch.alarms.some(({ code }) => code !== "own-key")) throw new Refused("roster-alarm")
}

/** Throws Refused "roster-alarm", also where there is no roster. */
export function rosterToSealBy(desk: Desk): Roster {
    refuseAlarmed(desk)
    const roster = newestRoster(desk)
    if (roster === null) throw new Refused("roster-alarm")
    return roster
}

/** Every roster this organisation had, by the base64url hash that manifests name. */
export function rosterByHash(desk: Desk, hash: string): Roster | null {
    return desk.watch.chain?.rosters.find((roster) => b64url(roster.sha256) === hash) ?? null
}

/** A person's key in eight words, the same for everybody who looks at it in this language. */
export function keyWords(key: { readonly recipient: string | null; readonly sign: string | null }): string {
    const words = fingerprintWords(`${key.recipient}\n${key.sign}\n`, wordList())
    return words.join(language() === "zh" ? "" : " ")
}

export function rosterWords(roster: Roster): string {
    return fingerprintWords(roster.text, wordList()).join(language() === "zh" ? "" : " ")
}

export function caseName(id: string): string {
    return codeName(id, language())
}

export function caseNames(ids: readonly string[]): ReadonlyMap<string, string> {
    return codeNames(ids, language())
}

export function placeOf(facts: OrganisationFacts, jurisdiction: string | null): Bilingual | null {
    return facts.jurisdictions.find((one) => one.id === jurisdiction)?.name ?? null
}
