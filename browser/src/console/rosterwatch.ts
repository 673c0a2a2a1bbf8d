/**
 * Who can be sealed to, watched from every handler's desk (PROTOCOLS 2.3).
 *
 * The console checks the chain, that its newest roster is in the log, and that the log names no other; it remembers the
 * last roster this person has looked at, and says so when there is a newer one that nobody here has agreed to.
 */
import { CoreError, Malformed } from "../core/errors.ts"
import { believedGone } from "../core/panel.ts"
import type { Policy } from "../core/receipt.ts"
import { rosterChanges, signedSoFar, verifyChain, verifyLogged, type Chain, type Roster, type RosterChange } from "../core/roster.ts"
import { lookAtLog, type LogAddress, type SeenLog } from "./logwatch.ts"

export type AlarmCode = "chain" | "not-logged" | "new-chain" | "rolled-back" | "replaced" | "unknown-roster" | "log" | "own-key"

export interface Alarm {
    readonly code: AlarmCode
    /** The check that failed, for whoever looks into it. */
    readonly detail: string
}

export interface Step {
    readonly roster: Roster
    readonly changes: readonly RosterChange[]
    readonly signedBy: readonly string[]
}

export interface Watch {
    readonly chain: Chain | null
    readonly alarms: readonly Alarm[]
    /** Rosters that came since this person last looked, and that they did not sign. */
    readonly unseen: readonly Step[]
    readonly log: SeenLog | null
    /** Who left since the newest roster was signed, as far as the server is believed. */
    readonly gone?: readonly string[]
}

interface Memory {
    readonly first: string
    readonly number: number
    readonly sha256: string
    readonly log: SeenLog | null
}

/** Web storage, as far as it is used; holds only public hashes. */
export interface Shelf {
    getItem(key: string): string | null
    setItem(key: string, value: string): void
}

export interface Expect {
    readonly org: string
    readonly origin: string
    readonly me: string
    readonly policy: Policy
    readonly own: { readonly recipient: string; readonly sign: string } | null
}

export async function watchRoster(
    source: { rosters: readonly string[]; receipt: string | null; gone?: readonly string[] },
    log: LogAddress,
    shelf: Shelf,
    expect: Expect,
): Promise<Watch> {
    const memory = recall(shelf, expect.org)
    if (source.rosters.length === 0) {
        return { chain: null, alarms: memory === null ? [] : [{ code: "rolled-back", detail: "no-roster" }], unseen: [], log: null }
    }
    const alarms: Alarm[] = []
    let chain: Chain
    try {
        chain = verifyChain(source.rosters, expect)
    } catch (error) {
        return { chain: null, alarms: [{ code: "chain", detail: codeOf(error) }], unseen: [], log: null }
    }
    try {
        if (source.receipt === null) throw new Malformed("bad-receipt")
        verifyLogged(chain.newest, source.receipt, expect.policy)
    } catch (error) {
        alarms.push({ code: "not-logged", detail: codeOf(error) })
    }
    alarms.push(...compare(chain, memory), ...ownKey(chain, expect))
    const seenLog = await readLog(log, expect, memory, chain, alarms)
    return { chain, alarms, unseen: unseenSteps(chain, memory, expect), log: seenLog, gone: believedGone(chain.newest, source.gone) }
}

function compare(chain: Chain, memory: Memory | null): Alarm[] {
    if (memory === null) return []
    if (chain.first.sha256Text !== memory.first) return [{ code: "new-chain", detail: "first" }]
    const then = chain.rosters[memory.number]
    if (then === undefined) return [{ code: "rolled-back", detail: String(memory.number) }]
    return then.sha256Text === memory.sha256 ? [] : [{ code: "replaced", detail: String(memory.number) }]
}

/** That what the roster says about this very person is what this person published. */
function ownKey(chain: Chain, { me, own }: Expect): Alarm[] {
    const line = chain.newest.people.find((person) => person.id === me)
    if (line === undefined || own === null || line.recipient === null) return []
    // An older key of one's own is no alarm: the new one waits for its roster.
    const mine = chain.rosters.length > 0 && line.recipient === own.recipient && line.sign === own.sign
    return mine ? [] : [{ code: "own-key", detail: String(chain.newest.number) }]
}

async function readLog(log: LogAddress, expect: Expect, memory: Memory | null, chain: Chain, alarms: Alarm[]): Promise<SeenLog | null> {
    try {
        const look = await lookAtLog(log, expect.policy, expect.org, memory?.log ?? null)
        const known = new Set(chain.rosters.map((roster) => roster.sha256Text))
        // What stands before the chain's own first leaf belongs to an earlier chain.
        const start = look.rosters.find((leaf) => leaf.roster === chain.first.sha256Text)?.index ?? 0
        for (const leaf of look.rosters) {
            if (leaf.index > start && !known.has(leaf.roster)) alarms.push({ code: "unknown-roster", detail: `${leaf.index}` })
        }
        return look.seen
    } catch (error) {
        if (!(error instanceof CoreError)) return memory?.log ?? null // the line, not the log: next time
        alarms.push({ code: "log", detail: error.code })
        return memory?.log ?? null
    }
}

function unseenSteps(chain: Chain, memory: Memory | null, { origin, me }: Expect): Step[] {
    if (memory === null) return []
    return chain.rosters
        .slice(memory.number + 1)
        .map((roster) => {
            const before = chain.rosters[roster.number - 1] ?? null
            const signedBy = signedSoFar(roster.note, before ?? roster, origin)
            return { roster, changes: rosterChanges(before, roster), signedBy }
        })
        .filter((step) => !step.signedBy.includes(me))
}

/** This person has looked at the newest roster and expected it. */
export function rememberRoster(shelf: Shelf, org: string, watch: Watch): void {
    if (watch.chain === null) return
    const { first, newest } = watch.chain
    write(shelf, org, { first: first.sha256Text, number: newest.number, sha256: newest.sha256Text, log: watch.log })
}

/** The log may go on although the newest roster was not looked at yet. */
export function rememberLog(shelf: Shelf, org: string, watch: Watch): void {
    const memory = recall(shelf, org)
    if (memory === null) {
        if (watch.alarms.length === 0) rememberRoster(shelf, org, watch)
    } else if (watch.alarms.length === 0) write(shelf, org, { ...memory, log: watch.log })
}

const name = (org: string): string => `answerable.roster.${org}`

function recall(shelf: Shelf, org: string): Memory | null {
    try {
        const memory = JSON.parse(shelf.getItem(name(org)) ?? "null") as Memory | null
        return memory !== null && typeof memory.number === "number" && typeof memory.sha256 === "string" ? memory : null
    } catch {
        return null
    }
}

function write(shelf: Shelf, org: string, memory: Memory): void {
    try {
        shelf.setItem(name(org), JSON.stringify(memory))
    } catch {
        // A full or forbidden shelf: the console then compares with nothing next time.
    }
}

function codeOf(error: unknown): string {
    if (error instanceof CoreError) return error.code
    throw error
}
