/**
 * Who reads a case, and who may be told if nobody answers (PROTOCOLS 2.4).
 *
 * - Everyone ticked as involved is left out before anything is sealed.
 * - Every case has a small panel, so not being on one says nothing about why.
 * - Reach: two eligible people at random for each rung, overseers too; a rung left empty is skipped.
 */
import { draw, type Draw } from "./bytes.ts"
import { Refused } from "./errors.ts"
import type { Role, Roster, RosterPerson } from "./roster.ts"

/** Rungs above the panel, in order: 1 lead, 2 overseer, 3 external member. */
export const RUNGS: readonly Role[] = ["lead", "overseer", "external"]
const PANEL_SIZE = 4
export const MOST_PANEL = 12
export const REACH_PER_RUNG = 2
/** With four, each panel is "all but the excluded". */
const SMALL_ROSTER = 5

export type Reach = readonly [readonly string[], readonly string[], readonly string[]]

/** Who can be sealed to: has a key, was not ticked. */
export function eligible(roster: Roster, excluded: Iterable<string>): RosterPerson[] {
    const out = new Set(excluded)
    return roster.people.filter((person) => person.recipient !== null && !out.has(person.id))
}

/**
 * The panel to propose: those of `keep` who may still read, an external member and a lead if there are any, and others
 * at random up to four; fewer only where fewer are left. Sorted ids. After a tick the page passes the panel it shows as
 * `keep`, since drawing anew each time would let her shuffle by accident.
 */
export function proposePanel(roster: Roster, excluded: Iterable<string>, keep: readonly string[] = [], random: Draw = draw): string[] {
    const left = eligible(roster, excluded)
    const panel = new Set(keep.filter((id) => left.some((person) => person.id === id)))
    const add = (from: readonly RosterPerson[]): void => {
        const one = pick(
            from.filter((person) => !panel.has(person.id)),
            1,
            random,
        )[0]
        if (one !== undefined) panel.add(one.id)
    }
    for (const role of ["external", "lead"]) {
        const some = left.filter((person) => person.role === role)
        if (!some.some((person) => panel.has(person.id))) add(some)
    }
    while (panel.size < PANEL_SIZE && panel.size < left.length) add(left)
    return Array.from(panel).sort()
}

/**
 * Of those the server says have left since the roster was signed, whom a page passes over when it proposes readers.
 *
 * Nobody signs this word, so it may not steer: where it would leave fewer than half of the readers, or fewer than two, it
 * is not believed at all. Whoever left reads nothing anyway: their seat waits for a handover.
 */
export function believedGone(roster: Roster, gone: unknown): string[] {
    const readers = eligible(roster, [])
    const named = Array.isArray(gone) ? roster.people.map(({ id }) => id).filter((id) => (gone as unknown[]).indexOf(id) >= 0) : []
    const left = eligible(roster, named).length
    return left >= 2 && left * 2 >= readers.length ? named : []
}

/** Two people for each rung, drawn from those not excluded; fewer only if fewer remain. Sorted ids. */
export function drawReach(roster: Roster, excluded: Iterable<string>, random: Draw = draw): Reach {
    const out = new Set(excluded)
    const rung = (role: Role): string[] => {
        const people = roster.people.filter((person) => person.role === role && !out.has(person.id))
        return pick(people, REACH_PER_RUNG, random)
            .map((person) => person.id)
            .sort()
    }
    return [rung("lead"), rung("overseer"), rung("external")]
}

function pick<T>(from: readonly T[], count: number, random: Draw): T[] {
    const rest = [...from]
    const picked: T[] = []
    while (picked.length < count && rest.length > 0) picked.push(...rest.splice(random(rest.length), 1))
    return picked
}

export type PanelWarning =
    | { readonly code: "nobody" | "only-one" | "no-external" | "small-roster" }
    | { readonly code: "empty-rung"; readonly rung: 1 | 2 | 3 }

/** What she should know before sending; an empty list is the usual case. */
export function panelWarnings(roster: Roster, panel: readonly string[], reach: Reach, excluded: Iterable<string>): PanelWarning[] {
    const warnings: PanelWarning[] = []
    const left = eligible(roster, excluded)
    if (left.length === 0) warnings.push({ code: "nobody" })
    else if (panel.length === 1) warnings.push({ code: "only-one" })
    if (panel.length > 0 && !mayBeConfidential(roster, panel)) warnings.push({ code: "no-external" })
    if (eligible(roster, []).length < SMALL_ROSTER) warnings.push({ code: "small-roster" })
    reach.forEach((ids, i) => {
        if (ids.length === 0) warnings.push({ code: "empty-rung", rung: (i + 1) as 1 | 2 | 3 })
    })
    return warnings
}

/** A confidential report needs an external member to hold the name. */
export function mayBeConfidential(roster: Roster, panel: readonly string[]): boolean {
    return externalsOf(roster, panel).length > 0
}

export function externalsOf(roster: Roster, panel: readonly string[]): RosterPerson[] {
    return roster.people.filter((person) => person.role === "external" && panel.indexOf(person.id) >= 0)
}

/**
 * Holds a choice against the rules before anything is sealed.
 *
 * Throws Refused "nobody", "panel-too-large", "excluded" or "not-in-roster".
 */
export function checkChoice(roster: Roster, panel: readonly string[], reach: Reach, excluded: Iterable<string>): void {
    const out = new Set(excluded)
    const readers = new Set(eligible(roster, []).map((person) => person.id))
    if (panel.length === 0) throw new Refused("nobody")
    if (panel.length > MOST_PANEL) throw new Refused("panel-too-large")
    const reached = reach.reduce<string[]>((all, rung) => [...all, ...rung], [])
    if ([...panel, ...reached].some((id) => out.has(id))) throw new Refused("excluded")
    const onRoster = new Set(roster.people.map((person) => person.id))
    if (!panel.every((id) => readers.has(id)) || !reached.every((id) => onRoster.has(id))) throw new Refused("not-in-roster")
}

/**
 * The rung the clock starts on: one above the highest that she told; anyone off the roster counts as rung 0.
 * Null ids are people off the roster. 0 when she told nobody; never above the last rung.
 */
export function startRung(roster: Roster, told: readonly (string | null)[]): number {
    if (told.length === 0) return 0
    const rungs = told.map((id) => {
        const role = roster.people.find((person) => person.id === id)?.role
        return role === undefined ? 0 : RUNGS.indexOf(role) + 1
    })
    return Math.min(Math.max(...rungs) + 1, RUNGS.length)
}
