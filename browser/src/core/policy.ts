/**
 * Whom we believe about a log (c2sp.org/tlog-policy): its keys, its witnesses, and how many must agree.
 *
 * Lines: "log <vkey> [url]", "witness <name> <vkey> [url]", "group <name> <any|all|k> <member>…",
 * "quorum <name|none>"; "#" starts a comment.
 */
import { CoreError, Malformed } from "./errors.ts"
import { parseVkey, type NoteKey } from "./note.ts"

export interface Witness {
    readonly name: string
    readonly key: NoteKey
}

interface Group {
    readonly threshold: number
    readonly members: readonly string[]
}

export interface Policy {
    readonly logs: readonly NoteKey[]
    readonly witnesses: readonly Witness[]
    readonly groups: ReadonlyMap<string, Group>
    /** Name of a witness or group; null for none. */
    readonly quorum: string | null
}

/** A policy of one log key and no witnesses: "the organisation's own signature and clock only". */
export function policyOf(logVkey: string): Policy {
    return { logs: [parseVkey(logVkey)], witnesses: [], groups: new Map(), quorum: null }
}

/** Throws Malformed "bad-policy". */
export function parsePolicy(text: string): Policy {
    try {
        return new Reader().read(text)
    } catch (error) {
        if (error instanceof CoreError) throw new Malformed("bad-policy")
        throw error
    }
}

class Reader {
    private readonly logs: NoteKey[] = []
    private readonly witnesses: Witness[] = []
    private readonly groups = new Map<string, Group>()
    private quorum: string | null | undefined

    read(text: string): Policy {
        for (const line of text.split("\n")) {
            const words = line.trim().split(/[ \t]+/)
            if (words[0] !== "" && (words[0] as string).charAt(0) !== "#") this.line(words[0] as string, words.slice(1))
        }
        if (this.quorum === undefined || this.logs.length === 0) fail()
        return { logs: this.logs, witnesses: this.witnesses, groups: this.groups, quorum: this.quorum }
    }

    private line(kind: string, words: readonly string[]): void {
        const [first, second] = words
        if (first === undefined) fail()
        if (kind === "log" && words.length <= 2) this.logs.push(typed(parseVkey(first), 1))
        else if (kind === "witness" && second !== undefined && words.length <= 3) {
            this.fresh(first)
            this.witnesses.push({ name: first, key: typed(parseVkey(second), 4) })
        } else if (kind === "group" && second !== undefined && words.length >= 3) this.group(first, second, words.slice(2))
        else if (kind === "quorum" && words.length === 1 && this.quorum === undefined) {
            if (first !== "none" && !this.knows(first)) fail()
            this.quorum = first === "none" ? null : first
        } else fail()
    }

    private group(name: string, threshold: string, members: readonly string[]): void {
        this.fresh(name)
        if (!members.every((member) => this.knows(member)) || new Set(members).size !== members.length) fail()
        const named = threshold === "any" ? 1 : threshold === "all" ? members.length : 0
        const n = named || (/^[1-9][0-9]{0,3}$/.test(threshold) ? Number(threshold) : 0)
        if (n < 1 || n > members.length) fail()
        this.groups.set(name, { threshold: n, members })
    }

    private knows(name: string): boolean {
        return this.groups.has(name) || this.witnesses.some((witness) => witness.name === name)
    }

    private fresh(name: string): void {
        if (name === "none" || this.knows(name)) fail()
    }
}

function typed(key: NoteKey, type: 1 | 4): NoteKey {
    if (key.type !== type) fail()
    return key
}

function fail(): never {
    throw new Malformed("bad-policy")
}

/** Whether the witnesses for which `says` holds make the quorum. False where the policy has none. */
export function quorumOf(policy: Policy, says: (witness: string) => boolean): boolean {
    const holds = (name: string): boolean => {
        const group = policy.groups.get(name)
        return group === undefined ? says(name) : group.members.filter(holds).length >= group.threshold
    }
    return policy.quorum !== null && holds(policy.quorum)
}
