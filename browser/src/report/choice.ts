/** The panel while she ticks: keeps whoever may stay, fills what is missing, never touches what she chose. */
import { draw, type Draw } from "../core/bytes.ts"
import { eligible } from "../core/panel.ts"
import type { Roster, RosterPerson } from "../core/roster.ts"

const SIZE = 4

/**
 * The panel after a tick: those of `keep` who may still read, an external member and a lead if there are any,
 * and others at random up to four. Sorted ids. Drawing anew at each tick would let her shuffle by accident.
 */
export function refill(roster: Roster, excluded: Iterable<string>, keep: readonly string[], random: Draw = draw): string[] {
    const left = eligible(roster, excluded)
    const panel = new Set(keep.filter((id) => left.some((person) => person.id === id)))
    const add = (from: RosterPerson[]): void => {
        const free = from.filter((person) => !panel.has(person.id))
        if (free.length) panel.add((free[random(free.length)] as RosterPerson).id)
    }
    for (const role of ["external", "lead"] as const) {
        const some = left.filter((person) => person.role === role)
        if (!some.some((person) => panel.has(person.id))) add(some)
    }
    while (panel.size < SIZE && panel.size < left.length) add(left)
    return Array.from(panel).sort()
}
