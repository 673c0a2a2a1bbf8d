/** What opening a case needs, as the desk has it right now. */
import type { Desk } from "./desk.ts"
import type { Reader } from "./opencase.ts"

export function reader(desk: Desk): Reader {
    return {
        org: desk.facts.org,
        me: desk.me.person.id,
        identity: desk.session.keys.ageIdentity,
        policy: desk.policy,
        rosters: desk.watch.chain?.rosters ?? [],
    }
}
