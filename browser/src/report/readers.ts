/** Who can be sealed to: fetched, every signature checked, and found in the log, or refused. */
import { CoreError, Refused } from "../core/errors.ts"
import { believedGone } from "../core/panel.ts"
import { parsePolicy, policyOf, type Policy } from "../core/policy.ts"
import { verifyChain, verifyLogged, type Chain } from "../core/roster.ts"
import type { Organisation } from "../start/frame.ts"
import type { ReporterApi } from "../net/reporter.ts"

export interface Readers extends Chain {
    readonly policy: Policy
    /** Until when a new chain must be pointed out; null if the chain is an old one. */
    readonly newChainUntil: Date | null
    /** Who left since the list was signed, as far as the server is believed: not proposed, not drawn. */
    readonly gone: readonly string[]
}

/** The list is not what it should be: nothing may be sealed to it. */
export class ListRefused extends Error {
    readonly code: string

    constructor(code: string) {
        super(code)
        this.code = code
    }
}

/** Throws ListRefused; NoConnection and ApiError pass through. */
export async function readersOf(server: ReporterApi, organisation: Organisation, anchor: string | null): Promise<Readers> {
    const answer = await server.rosters()
    try {
        const chain = verifyChain(answer.rosters, { org: organisation.org, origin: organisation.origin, anchor })
        const policy = policyFrom(organisation.log_key)
        if (policy.logs.every((log) => log.name !== organisation.origin)) throw new Refused("unknown-log")
        verifyLogged(chain.newest, answer.receipt, policy)
        return { ...chain, policy, newChainUntil: answer.new_chain_until ? new Date(answer.new_chain_until) : null, gone: believedGone(chain.newest, answer.gone) }
    } catch (error) {
        if (error instanceof CoreError) throw new ListRefused(error.code)
        throw error
    }
}

function policyFrom(logKey: string): Policy {
    return logKey.includes("\n") || logKey.startsWith("log ") ? parsePolicy(logKey) : policyOf(logKey.trim())
}
