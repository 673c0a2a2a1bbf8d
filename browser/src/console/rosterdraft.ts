/**
 * Proposing and reading rosters before they are signed.
 *
 * What is shown before signing is read out of the very text that is signed, and never out of what the server says about
 * it; where the two differ, nothing is signed.
 */
import { b64, canonicalJson, type Json } from "../core/bytes.ts"
import { Refused } from "../core/errors.ts"
import { parseRoster, rosterChanges, rosterNote, rosterText, type Roster, type RosterPerson } from "../core/roster.ts"
import type { RosterCandidate, RosterDraft } from "./types.ts"

export type Difference = "joined" | "left" | "new-key" | "role" | "details"

export interface Change {
    readonly id: string
    readonly change: Difference
    readonly before: RosterPerson | null
    readonly after: RosterPerson | null
}

/** A line in the form of a signature, so that a text without one can be read as a note. */
const UNSIGNED = `— unsigned ${b64(new Uint8Array(8))}\n`

/** Throws Malformed "bad-note" or "bad-roster". */
export function readDraft(text: string): Roster {
    return parseRoster(rosterNote(text, [UNSIGNED]))
}

/** Everything that differs, the words about people too. */
export function changesOf(before: Roster | null, after: Roster): Change[] {
    const was = new Map((before?.people ?? []).map((person) => [person.id, person]))
    const is = new Map(after.people.map((person) => [person.id, person]))
    const changes: Change[] = rosterChanges(before, after).map(({ id, change }) => ({ id, change, before: was.get(id) ?? null, after: is.get(id) ?? null }))
    const told = new Set(changes.map(({ id }) => id))
    for (const person of after.people) {
        const old = was.get(person.id)
        if (old === undefined || told.has(person.id) || canonicalJson(old as unknown as Json) === canonicalJson(person as unknown as Json)) continue
        changes.push({ id: person.id, change: "details", before: old, after: person })
    }
    return changes
}

/**
 * Holds a draft against the roster it follows and against what the server said it changes.
 *
 * Throws Refused "draft-number", "draft-previous", "draft-organisation" or "draft-differs".
 */
export function checkDraft(draft: RosterDraft, current: Roster | null, org: string): Roster {
    const roster = readDraft(draft.text)
    if (roster.org !== org) throw new Refused("draft-organisation")
    if (roster.number !== draft.number || roster.number !== (current === null ? 0 : current.number + 1)) throw new Refused("draft-number")
    const follows = current === null ? roster.previous === null : roster.previous !== null && b64(roster.previous) === b64(current.sha256)
    if (!follows) throw new Refused("draft-previous")
    const said = draft.changes.map(({ id, change }) => `${id} ${change}`).sort()
    const found = rosterChanges(current, roster).map(({ id, change }) => `${id} ${change}`).sort()
    if (said.join() !== found.join()) throw new Refused("draft-differs")
    return roster
}

/** The next roster: those of `people` that are `wanted`, each with the key and words the server has now. */
export function nextText(org: string, current: Roster | null, people: readonly RosterCandidate[], wanted: ReadonlySet<string>, today: string): string {
    const was = new Map((current?.people ?? []).map((person) => [person.id, person]))
    const next = people.filter((person) => wanted.has(person.id) && mayStand(person)).map((person) => line(person, was.get(person.id) ?? null, today))
    return rosterText(org, current === null ? 0 : current.number + 1, current === null ? null : current.sha256, next)
}

/** Overseers stand there without a key; everybody else only with one. */
export function mayStand(person: RosterCandidate): boolean {
    if (person.role === "overseer") return true
    return (person.role === "handler" || person.role === "lead" || person.role === "external") && person.recipient !== null && person.sign !== null
}

function line(person: RosterCandidate, old: RosterPerson | null, today: string): RosterPerson {
    const overseer = person.role === "overseer"
    const recipient = overseer ? null : person.recipient
    const sign = overseer ? null : person.sign
    const same = old !== null && old.recipient === recipient && old.sign === sign && old.role === person.role
    return {
        id: person.id,
        name: person.name,
        duty: person.duty,
        languages: [...person.languages],
        role: person.role as RosterPerson["role"],
        recipient,
        sign,
        from: same ? old.from : today,
    }
}
