/**
 * Keys files (PROTOCOLS 2.5) and changes of a panel (2.8).
 *
 * - keys file: {case_identity, reply_recipient, epoch}, sealed to each panel member and the reply identity
 * - a change writes a new one (epoch + 1; a new case identity when someone leaves), signed by a handler of the
 *   panel: lp("answerable/v1/keys") || lp(org) || lp(case id) || lp(canonical {panel, epoch}) || lp(SHA-256(file))
 */
import { checkIdentity, checkRecipient } from "./recipient.ts"
import { b64url, canonicalBytes, concat, lp, sha256, type Json } from "./bytes.ts"
import { Malformed, Refused } from "./errors.ts"
import { personIn, type Roster } from "./roster.ts"
import { newHybridIdentity, open, seal } from "./sealed.ts"
import { Shape } from "./shape.ts"
import { sign, verify } from "./sign.ts"

export interface CasePurposeKeys {
    /** AGE-SECRET-KEY-PQ-1…: opens report, messages and attachments of its epoch. */
    readonly caseIdentity: string
    /** age1pq1…: the reporter's own, so that later keys files reach her. */
    readonly replyRecipient: string
    /** 0 with the report. */
    readonly epoch: number
    /**
     * Case identities of earlier epochs, newest first: who joins after somebody left must still read the
     * report. A member of the file only where there are any.
     */
    readonly earlier: readonly string[]
}

export async function sealKeys(
    org: string,
    caseId: Uint8Array,
    keys: CasePurposeKeys,
    panelRecipients: readonly string[],
): Promise<Uint8Array> {
    const payload: Json = {
        case_identity: keys.caseIdentity,
        reply_recipient: keys.replyRecipient,
        epoch: keys.epoch,
        earlier: keys.earlier.length > 0 ? keys.earlier : undefined,
    }
    return seal("keys", org, caseId, canonicalBytes(payload), [...panelRecipients, keys.replyRecipient])
}

/** Throws as `open` does, Malformed "bad-keys-file". */
export async function openKeys(
    org: string,
    caseId: Uint8Array,
    file: Uint8Array,
    identities: string | readonly string[],
): Promise<CasePurposeKeys> {
    const shape = new Shape("bad-keys-file")
    const members = shape.parse(await open("keys", org, caseId, file, identities))
    const caseIdentity = shape.string(members["case_identity"])
    const replyRecipient = shape.string(members["reply_recipient"])
    checkIdentity(caseIdentity)
    checkRecipient(replyRecipient)
    const earlier = shape.list(members["earlier"] ?? [], (one) => shape.string(one))
    earlier.forEach(checkIdentity)
    return { caseIdentity, replyRecipient, epoch: shape.integer(members["epoch"]), earlier }
}

export interface PanelChange {
    readonly org: string
    readonly caseId: Uint8Array
    readonly panel: readonly string[]
    readonly epoch: number
    readonly keysSha256: Uint8Array
}

export function panelChangeBytes(change: PanelChange): Uint8Array {
    if (change.caseId.length !== 16 || change.keysSha256.length !== 32 || change.panel.length === 0) {
        throw new Malformed("bad-panel-change")
    }
    return concat(
        lp("answerable/v1/keys"),
        lp(change.org),
        lp(change.caseId),
        lp(canonicalBytes({ panel: [...change.panel].sort(), epoch: change.epoch })),
        lp(change.keysSha256),
    )
}

export function signPanelChange(change: PanelChange, seed: Uint8Array): Uint8Array {
    return sign(panelChangeBytes(change), seed)
}

/** Throws Refused "bad-signature". */
export function verifyPanelChange(change: PanelChange, signature: Uint8Array, key: Uint8Array): void {
    verify(panelChangeBytes(change), signature, key)
}

export interface PanelChangeDraft {
    readonly org: string
    readonly caseId: Uint8Array
    readonly roster: Roster
    readonly before: readonly string[]
    readonly panel: readonly string[]
    /** Ids that the report excludes; putting one on the panel is refused. */
    readonly excluded: readonly string[]
    readonly keys: CasePurposeKeys
    /** The signing handler's seed. */
    readonly seed: Uint8Array
}

/** What POST cases/<case>/panel takes, and the keys of the new epoch. */
export interface PreparedPanelChange {
    readonly body: { readonly panel: string[]; readonly epoch: number; readonly file: string; readonly signature: string }
    readonly keys: CasePurposeKeys
    readonly file: Uint8Array
}

/** Throws Refused "excluded", "nobody" or "not-in-roster". */
export async function preparePanelChange(draft: PanelChangeDraft): Promise<PreparedPanelChange> {
    const { org, caseId, roster, seed } = draft
    const panel = [...draft.panel].sort()
    if (panel.length === 0) throw new Refused("nobody")
    if (panel.some((id) => draft.excluded.indexOf(id) >= 0)) throw new Refused("excluded")
    const recipients = panel.map((id) => personIn(roster, id).recipient)
    if (recipients.some((recipient) => recipient === null)) throw new Refused("not-in-roster")
    const someoneLeft = draft.before.some((id) => panel.indexOf(id) < 0)
    const keys: CasePurposeKeys = {
        caseIdentity: someoneLeft ? newHybridIdentity() : draft.keys.caseIdentity,
        replyRecipient: draft.keys.replyRecipient,
        epoch: draft.keys.epoch + 1,
        earlier: someoneLeft ? [draft.keys.caseIdentity, ...draft.keys.earlier] : draft.keys.earlier,
    }
    const file = await sealKeys(org, caseId, keys, recipients as string[])
    const signature = signPanelChange({ org, caseId, panel, epoch: keys.epoch, keysSha256: sha256(file) }, seed)
    return { body: { panel, epoch: keys.epoch, file: b64url(file), signature: b64url(signature) }, keys, file }
}
