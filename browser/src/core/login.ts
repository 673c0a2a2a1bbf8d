/** Coming back (PROTOCOLS 2.9): what the case's key signs, bound to this site, the case and one nonce. */
import { concat, lp } from "./bytes.ts"
import { Malformed } from "./errors.ts"
import { sign } from "./sign.ts"

export interface LoginChallenge {
    /** The browser's own `location.origin`, never one that a server names. */
    readonly origin: string
    readonly org: string
    readonly caseId: Uint8Array
    /** 32 bytes. */
    readonly nonce: Uint8Array
}

export function loginBytes({ origin, org, caseId, nonce }: LoginChallenge): Uint8Array {
    if (caseId.length !== 16 || nonce.length !== 32) throw new Malformed("bad-length")
    return concat(lp("answerable/v1/mailbox/login"), lp(origin), lp(org), lp(caseId), lp(nonce))
}

export function signLogin(challenge: LoginChallenge, seed: Uint8Array): Uint8Array {
    return sign(loginBytes(challenge), seed)
}
