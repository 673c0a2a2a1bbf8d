/**
 * Receipts (PROTOCOLS 5): a valid .tlog-proof (c2sp.org/tlog-proof) whose extra line opens the leaf.
 *
 * `verifyReceipt` checks, in this order: the log's signature on the checkpoint, every cosignature of a known
 * witness, the inclusion proof, that the leaf commits to type, nonce and payload, and what the caller
 * expects. It returns what it checked, or throws.
 */
import { equal, parseJson, text as textOf, unb64, unb64url } from "./bytes.ts"
import { CoreError, Malformed, Refused } from "./errors.ts"
import { commit, isEventType, isPublic, leafHash, parseLeaf, type EventType, type Leaf } from "./leaf.ts"
import { verifyInclusion } from "./merkle.ts"
import { cosignedAt, parseNote, signers, type Note } from "./note.ts"
import { quorumOf, type Policy } from "./policy.ts"
import { Shape } from "./shape.ts"

export { parsePolicy, policyOf, type Policy } from "./policy.ts"

const PROOF_LINE = "c2sp.org/tlog-proof@v1"
const LONGEST_PROOF = 64

export interface Checkpoint {
    readonly origin: string
    readonly size: number
    readonly root: Uint8Array
    readonly note: Note
}

export interface Receipt {
    readonly index: number
    readonly proof: readonly Uint8Array[]
    readonly checkpoint: Checkpoint
    readonly checkpointText: string
    readonly leafText: string
    readonly leaf: Leaf
    readonly type: EventType
    readonly nonce: Uint8Array
    readonly payload: Uint8Array
}

export interface Cosignature {
    readonly witness: string
    /** Seconds since 1970 by the witness's clock; 0 says nothing about time. */
    readonly time: number
}

export interface VerifiedReceipt extends Receipt {
    readonly leafHash: Uint8Array
    readonly cosignatures: readonly Cosignature[]
    /** Whether the policy's quorum has cosigned; without it, it is the organisation's word and clock only. */
    readonly witnessed: boolean
}

export interface ReceiptExpectation {
    readonly org?: string
    readonly type?: EventType
    /** The leaf's case label. */
    readonly label?: Uint8Array
    /** Takes a receipt that the policy's quorum has not cosigned yet; `witnessed` then says so. */
    readonly unwitnessed?: boolean
}

/** Throws Malformed "bad-checkpoint". */
export function parseCheckpoint(note: string): Checkpoint {
    const parsed = parseNote(note)
    const lines = parsed.text.split("\n")
    const [origin, size, root] = lines
    try {
        if (origin && /^(0|[1-9][0-9]{0,15})$/.test(size ?? "") && Number.isSafeInteger(Number(size)) && lines.length >= 4) {
            const hash = unb64(root as string)
            if (hash.length === 32) return { origin, size: Number(size), root: hash, note: parsed }
        }
    } catch (error) {
        if (!(error instanceof CoreError)) throw error
    }
    throw new Malformed("bad-checkpoint")
}

/** Reads a receipt without believing it. Throws Malformed. */
export function parseReceipt(receipt: string): Receipt {
    const split = receipt.indexOf("\n\n")
    const [first, extra, index, ...nodes] = receipt.slice(0, Math.max(split, 0)).split("\n")
    const number = /^index (0|[1-9][0-9]{0,15})$/.exec(index ?? "")
    if (first !== PROOF_LINE || extra?.indexOf("extra ") !== 0 || number === null || nodes.length > LONGEST_PROOF) return fail()
    const checkpointText = receipt.slice(split + 2)
    return {
        ...readExtra(extra.slice("extra ".length)),
        index: Number(number[1]),
        proof: nodes.map(readNode),
        checkpoint: parseCheckpoint(checkpointText),
        checkpointText,
    }
}

function fail(): never {
    throw new Malformed("bad-receipt")
}

function readNode(line: string): Uint8Array {
    const hash = unb64(line)
    return hash.length === 32 ? hash : fail()
}

function readExtra(base64: string): Pick<Receipt, "leafText" | "leaf" | "type" | "nonce" | "payload"> {
    const shape = new Shape("bad-receipt")
    const extra = shape.object(parseJson(textOf(unb64(base64))))
    shape.version(extra["v"])
    const leafText = shape.string(extra["leaf"])
    const type = shape.string(extra["type"])
    if (!isEventType(type)) return fail()
    return {
        leafText,
        leaf: parseLeaf(leafText),
        type,
        nonce: unb64url(shape.binary(extra["nonce"], 32)),
        payload: unb64url(shape.binary(extra["payload"])),
    }
}

/**
 * Throws Malformed, or Refused: "unknown-log", "bad-signature", "bad-inclusion-proof", "bad-opening",
 * "other-organisation", "other-type", "other-label", "no-quorum".
 */
export function verifyReceipt(receipt: string, policy: Policy, expect: ReceiptExpectation = {}): VerifiedReceipt {
    const parsed = parseReceipt(receipt)
    const { checkpoint, leaf, leafText } = parsed
    const cosignatures = verifyCheckpoint(checkpoint, policy)
    const hash = leafHash(leafText)
    verifyInclusion(hash, parsed.index, checkpoint.size, parsed.proof, checkpoint.root)
    if (leaf.type !== (isPublic(parsed.type) ? parsed.type : null)) throw new Refused("bad-opening")
    if (!equal(commit(parsed.type, parsed.nonce, parsed.payload), leaf.body)) throw new Refused("bad-opening")
    if (expect.org !== undefined && leaf.org !== expect.org) throw new Refused("other-organisation")
    if (expect.type !== undefined && parsed.type !== expect.type) throw new Refused("other-type")
    const sameLabel = expect.label === undefined || (leaf.label !== null && equal(leaf.label, expect.label))
    if (!sameLabel) throw new Refused("other-label")
    const witnessed = quorumOf(policy, (name) => cosignatures.some(({ witness }) => witness === name))
    if (!witnessed && policy.quorum !== null && expect.unwitnessed !== true) throw new Refused("no-quorum")
    return { ...parsed, leafHash: hash, cosignatures, witnessed }
}

/** The known witnesses' cosignatures. Throws Refused "unknown-log" or "bad-signature". */
export function verifyCheckpoint(checkpoint: Checkpoint, policy: Policy): Cosignature[] {
    // The log key's name is the origin: a key of another log says nothing about this one.
    const keys = policy.logs.filter((key) => key.name === checkpoint.origin)
    if (signers(checkpoint.note, keys).length === 0) throw new Refused("unknown-log")
    const cosignatures: Cosignature[] = []
    for (const { name, key } of policy.witnesses) {
        const time = cosignedAt(checkpoint.note, key)
        if (time !== undefined) cosignatures.push({ witness: name, time })
    }
    return cosignatures
}
