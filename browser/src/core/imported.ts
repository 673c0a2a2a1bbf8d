/**
 * What a case says of itself that a handler brought in from another system (protocol/spec/payloads.md).
 *
 * - it stands inside the sealed report: the server can't tell it from any other
 * - its handler signs it, so that nobody can put it down to somebody else:
 *   lp("answerable/v1/import") || lp(org) || lp(case id) || lp(handler's id) || lp(SHA-256(canonical {answers, attachments, imported without signature}))
 * - dates of the other system are words ("as stated"): they are never read as times of ours
 */
import { b64url, canonicalBytes, concat, lp, sha256, unb64url, type Json } from "./bytes.ts"
import { CoreError } from "./errors.ts"
import { Shape } from "./shape.ts"
import { sign, verify } from "./sign.ts"

export const SOURCES = ["globaleaks", "csv"] as const
export type Source = (typeof SOURCES)[number]

export interface Imported {
    /** The handler who brought it in. */
    readonly by: string
    readonly source: Source
    /** Its number in the other system, in that system's own form. */
    readonly reference: string
    /** As the other system states them; "" where it says nothing. */
    readonly stated: { readonly received: string; readonly changed: string; readonly status: string }
    /** What else was asked or written there, in order. */
    readonly fields: readonly { readonly label: string; readonly text: string }[]
    /** Whether the twelve words were shown, to be handed to the reporter; otherwise nobody has them. */
    readonly words: boolean
    readonly signature: string
}

export type Unsigned = Omit<Imported, "signature">

interface Around {
    readonly org: string
    readonly caseId: Uint8Array
    readonly answers: { readonly [question: string]: Json | undefined }
    /** SHA-256 (base64url) of the sealed files, in order. */
    readonly attachments: readonly string[]
}

function importBytes(imported: Unsigned, { org, caseId, answers, attachments }: Around): Uint8Array {
    const { by, source, reference, stated, fields, words } = imported
    const said = { answers, attachments: [...attachments], imported: { by, source, reference, stated: { ...stated }, fields: fields.map((one) => ({ ...one })), words } }
    return concat(lp("answerable/v1/import"), lp(org), lp(caseId), lp(unb64url(by, 16)), lp(sha256(canonicalBytes(said as Json))))
}

export function signImported(imported: Unsigned, around: Around, seed: Uint8Array): Imported {
    return { ...imported, signature: b64url(sign(importBytes(imported, around), seed)) }
}

/** Whether one of this handler's keys signed it. */
export function importStands(imported: Imported, around: Around, keys: readonly Uint8Array[]): boolean {
    return keys.some((key) => {
        try {
            verify(importBytes(imported, around), unb64url(imported.signature, 64), key)
            return true
        } catch (error) {
            if (error instanceof CoreError) return false
            throw error
        }
    })
}

/** Throws what `shape` throws. */
export function readImported(shape: Shape, value: Json): Imported {
    const members = shape.object(value)
    const stated = shape.object(members["stated"])
    return {
        by: shape.id(members["by"]),
        source: shape.oneOf(members["source"], SOURCES),
        reference: shape.string(members["reference"]),
        stated: { received: shape.string(stated["received"]), changed: shape.string(stated["changed"]), status: shape.string(stated["status"]) },
        fields: shape.list(members["fields"], (one) => {
            const field = shape.object(one)
            return { label: shape.string(field["label"]), text: shape.string(field["text"]) }
        }),
        words: shape.boolean(members["words"]),
        signature: shape.string(members["signature"]),
    }
}
