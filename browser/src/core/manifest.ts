/**
 * Manifests (PROTOCOLS 2.6): the signed list of what a reporter sends, and for whom it is.
 *
 * Signature by case_sign over lp("answerable/v1/manifest") || lp(SHA-256(the manifest's bytes)).
 */
import { canonicalBytes, concat, lp, sha256, unb64url, type Json } from "./bytes.ts"
import { Malformed } from "./errors.ts"
import { MOST_PANEL, REACH_PER_RUNG, RUNGS } from "./panel.ts"
import { Shape, type Members } from "./shape.ts"
import { sign, verify } from "./sign.ts"

export interface ManifestAttachment {
    /** SHA-256 of the sealed file. */
    readonly sha256: string
    /** Bytes of the sealed file. */
    readonly size: number
}

interface Common {
    readonly v: 1
    readonly org: string
    readonly case: string
    readonly case_pub: string
    readonly attachments: readonly ManifestAttachment[]
    readonly log_key: string
}

export interface Manifest extends Common {
    /** SHA-256 of the roster's text. */
    readonly roster: string
    /** Sorted ids. */
    readonly panel: readonly string[]
    readonly reach: readonly (readonly string[])[]
    readonly report: string
    readonly keys: string
    readonly identity: string | null
    readonly jurisdiction: string | null
    readonly urgency: "now" | "soon" | null
    readonly start_rung: number
}

export interface RecordManifest extends Common {
    readonly record: string
}

/** Canonical bytes; throws Malformed "bad-manifest" for what the server would refuse to read. */
export function manifestBytes(manifest: Omit<Manifest, "v">): Uint8Array {
    const bytes = canonicalBytes({ v: 1, ...manifest, panel: [...manifest.panel].sort() } as unknown as Json)
    parseManifest(bytes)
    return bytes
}

export function recordManifestBytes(manifest: Omit<RecordManifest, "v">): Uint8Array {
    const bytes = canonicalBytes({ v: 1, ...manifest } as unknown as Json)
    parseRecordManifest(bytes)
    return bytes
}

export function signManifest(manifest: Uint8Array, seed: Uint8Array): Uint8Array {
    return sign(signedBytes(manifest), seed)
}

function signedBytes(manifest: Uint8Array): Uint8Array {
    return concat(lp("answerable/v1/manifest"), lp(sha256(manifest)))
}

/** The manifest, if its own case key signed these bytes. Throws Malformed "bad-manifest", Refused "bad-signature". */
export function verifyManifest(bytes: Uint8Array, signature: Uint8Array): Manifest {
    const manifest = parseManifest(bytes)
    verify(signedBytes(bytes), signature, unb64url(manifest.case_pub, 32))
    return manifest
}

export function verifyRecordManifest(bytes: Uint8Array, signature: Uint8Array): RecordManifest {
    const manifest = parseRecordManifest(bytes)
    verify(signedBytes(bytes), signature, unb64url(manifest.case_pub, 32))
    return manifest
}

/** Reads without checking the signature. Throws Malformed "bad-manifest". */
export function parseManifest(bytes: Uint8Array): Manifest {
    const shape = new Shape("bad-manifest")
    const members = shape.parse(bytes)
    const panel = shape.list(members["panel"], (id) => shape.id(id))
    const reach = shape.list(members["reach"], (rung) => shape.list(rung, (id) => shape.id(id)))
    const startsAt = shape.integer(members["start_rung"])
    const jurisdiction = shape.nullable(members["jurisdiction"], (value) => shape.string(value))
    const sound =
        panel.length >= 1 &&
        panel.length <= MOST_PANEL &&
        distinct(panel) &&
        panel.every((id, i) => i === 0 || (panel[i - 1] as string) < id) &&
        reach.length === RUNGS.length &&
        reach.every((rung) => rung.length <= REACH_PER_RUNG) &&
        distinct(reach.reduce<string[]>((all, rung) => [...all, ...rung], [])) &&
        startsAt <= RUNGS.length &&
        (jurisdiction === null || /^[A-Z]{2}(-[A-Z0-9]{1,3})?$/.test(jurisdiction))
    if (!sound) throw new Malformed("bad-manifest")
    return {
        ...readCommon(shape, members),
        roster: shape.hash(members["roster"]),
        panel,
        reach,
        report: shape.hash(members["report"]),
        keys: shape.hash(members["keys"]),
        identity: shape.nullable(members["identity"], (value) => shape.hash(value)),
        jurisdiction,
        urgency: shape.nullable(members["urgency"], (value) => shape.oneOf(value, ["now", "soon"] as const)),
        start_rung: startsAt,
    }
}

export function parseRecordManifest(bytes: Uint8Array): RecordManifest {
    const shape = new Shape("bad-manifest")
    const members = shape.parse(bytes)
    return { ...readCommon(shape, members), record: shape.hash(members["record"]) }
}

function readCommon(shape: Shape, members: Members): Common {
    const attachments = shape.list(members["attachments"], (one) => {
        const entry = shape.object(one)
        return { sha256: shape.hash(entry["sha256"]), size: shape.integer(entry["size"]) }
    })
    if (!distinct(attachments.map((one) => one.sha256))) throw new Malformed("bad-manifest")
    return {
        v: shape.version(members["v"]),
        org: shape.org(members["org"]),
        case: shape.id(members["case"]),
        case_pub: shape.hash(members["case_pub"]),
        attachments,
        log_key: shape.hash(members["log_key"]),
    }
}

function distinct(items: readonly string[]): boolean {
    return new Set(items).size === items.length
}
