/** A small organisation with real keys, a log of one leaf, and a way to make a whole report. */
import { ed25519 } from "@noble/curves/ed25519.js"
import { b64, b64url, canonicalBytes, concat, newId, randomBytes, sha256, timestamp, utf8, type Json } from "../../src/core/bytes.ts"
import { newHandlerKeys, publicHalves, type HandlerKeys } from "../../src/core/handlerkeys.ts"
import { eventLabel } from "../../src/core/labels.ts"
import { buildLeaf, commit, isPublic, leafHash, type EventType } from "../../src/core/leaf.ts"
import { nodeHash } from "../../src/core/merkle.ts"
import { noteKey, noteOf, noteSignature, vkey } from "../../src/core/note.ts"
import { drawReach, proposePanel } from "../../src/core/panel.ts"
import { policyOf, type Policy } from "../../src/core/receipt.ts"
import { newCase, prepareReport, type NewCase, type ReportDraft, type SealedCase, type Submission } from "../../src/core/report.ts"
import { parseRoster, rosterNote, rosterText, signRoster, type Role, type Roster, type RosterPerson } from "../../src/core/roster.ts"
import { unb64url } from "../../src/core/bytes.ts"

export const ORG = "tidewick"
export const ORIGIN = "answerable.example/log/tidewick"
export const NOW = new Date("2026-11-24T12:00:00Z")

export interface Member {
    person: RosterPerson
    keys: HandlerKeys | null
}

export async function member(role: Role, name: string, id = newId()): Promise<Member> {
    const keys = role === "overseer" ? null : newHandlerKeys()
    const halves = keys === null ? { recipient: null, sign: null } : await publicHalves(keys)
    const duty = { en: role, zh: role }
    return { keys, person: { id, name: { en: name, zh: name }, duty, languages: ["en"], role, ...halves, from: "2026-11-01" } }
}

export interface World {
    members: Member[]
    roster: Roster
    note: string
}

export async function world(roles: readonly Role[]): Promise<World> {
    const members = await Promise.all(roles.map((role, i) => member(role, `${role} ${i}`)))
    return sealWorld(members)
}

export function sealWorld(members: Member[]): World {
    const text = rosterText(ORG, 0, null, members.map(({ person }) => person))
    const note = rosterNote(text, members.filter(({ keys }) => keys !== null).map((one) => lineOf(text, one)))
    return { members, roster: parseRoster(note), note }
}

export function lineOf(text: string, { person, keys }: Member): string {
    return signRoster(text, ORIGIN, person.id, (keys as HandlerKeys).signSeed)
}

export const ROLES: readonly Role[] = ["lead", "handler", "handler", "external", "handler", "overseer", "overseer"]

export async function submit(w: World, changes: Partial<ReportDraft> = {}): Promise<{ mine: NewCase; submission: Submission; draft: ReportDraft }> {
    const mine = changes.case ?? (await newCase(ORG))
    const excluded = changes.excluded ?? []
    const draft: ReportDraft = {
        case: mine,
        roster: w.roster,
        panel: proposePanel(w.roster, excluded),
        reach: drawReach(w.roster, excluded),
        excluded,
        answers: { what: "他说了不该说的话 \ud800 and more", appear: "anonymous" },
        attachments: [],
        earlierDisclosures: [],
        identity: null,
        jurisdiction: null,
        urgency: null,
        rungTold: null,
        created: NOW,
        ...changes,
    }
    return { mine, draft, submission: await prepareReport(draft) }
}

export function sealedCase(mine: NewCase, submission: Submission, draft: ReportDraft): SealedCase {
    const { body } = submission
    return {
        org: ORG,
        caseId: mine.keys.id,
        manifest: unb64url(body.manifest),
        signature: unb64url(body.signature),
        report: unb64url(body.report),
        keys: [{ epoch: 0, panel: draft.panel, file: unb64url(body.keys), author: null, signature: null }],
        identity: body.identity === null ? null : unb64url(body.identity),
        rosters: [draft.roster],
    }
}

/** A log that answers with a receipt for one event, in a tree of two leaves. */
export class TinyLog {
    private readonly seed = randomBytes(32)

    get policy(): Policy {
        return policyOf(vkey(noteKey(ORIGIN, ed25519.getPublicKey(this.seed))))
    }

    receipt(type: EventType, payload: Json, label: Uint8Array | null, org = ORG): string {
        const bytes = canonicalBytes(payload)
        const nonce = randomBytes(32)
        const body = commit(type, nonce, bytes)
        const leaf = buildLeaf({ org, type: isPublic(type) ? type : null, label, date: "2026-11-24", body })
        const other = sha256(randomBytes(8))
        const root = nodeHash(other, leafHash(leaf))
        const text = `${ORIGIN}\n2\n${b64(root)}\n`
        const checkpoint = noteOf(text, [noteSignature(text, ORIGIN, this.seed)])
        const extra = canonicalBytes({ v: 1, leaf, type, nonce: b64url(nonce), payload: b64url(bytes) })
        return `c2sp.org/tlog-proof@v1\nextra ${b64(extra)}\nindex 1\n${b64(other)}\n\n${checkpoint}`
    }

    received(mine: NewCase, manifestSha256: Uint8Array, changes: Record<string, Json> = {}): string {
        const due = (hours: number): string => timestamp(new Date(NOW.getTime() + hours * 3_600_000))
        const payload: Json = {
            case: mine.keys.idText,
            log_key: b64url(mine.keys.logKeyHash),
            manifest: b64url(manifestSha256),
            promises: [
                { id: "own-acknowledged", rule: "own/1", due: due(24) },
                { id: "own-owner", rule: "own/1", due: due(24) },
                { id: "own-feedback", rule: "own/1", due: due(24 * 30) },
            ],
            received: timestamp(NOW),
            ...changes,
        }
        return this.receipt("report.received", payload, eventLabel(mine.keys.eventKey, 0))
    }
}

export const junk = (bytes: Uint8Array, at: number): Uint8Array => {
    const changed = Uint8Array.from(bytes)
    changed[at] = (changed[at] as number) ^ 1
    return changed
}

export { concat, utf8 }
