/** Seals reports as a reporter's browser does, and as one would that is lying: for tests/test_console.py. JSON in, JSON out. */
import { b64url, canonicalBytes, parseJson, sha256, unb64, unb64url, type Json } from "../../src/core/bytes.ts"
import { unwrapWithPassphrase } from "../../src/core/handlerkeys.ts"
import { sealKeys } from "../../src/core/keysfile.ts"
import { manifestBytes, parseManifest, signManifest } from "../../src/core/manifest.ts"
import { drawReach } from "../../src/core/panel.ts"
import { newCase, prepareReport, sealAttachment, type NewCase, type SubmissionBody } from "../../src/core/report.ts"
import { parseRoster, personIn, rosterNote, rosterText, signRoster, type Roster, type RosterPerson } from "../../src/core/roster.ts"
import { open, seal } from "../../src/core/sealed.ts"
import { english } from "../../src/core/words-en.ts"
import { toWords } from "../../src/core/words.ts"

interface Wish {
    what: string
    panel: string[]
    excluded?: string[]
    files?: { name: string; type: string; bytes: string }[]
    /** `keys_to`: whom the keys file is sealed to instead of the panel; `sealed_excluded`: what the sealed list says instead. */
    lie?: { keys_to?: string[]; sealed_excluded?: string[]; other_reach?: boolean }
}

export interface Wanted {
    org: string
    roster: string
    created: string
    reports: Wish[]
    /** One person more on the next roster, signed by these. */
    slipped_in?: { person: RosterPerson; origin: string; signers: { id: string; file: string; phrase: string }[] }
}

export async function make(wanted: Wanted): Promise<Json> {
    const roster = parseRoster(wanted.roster)
    const reports: Json[] = []
    for (const wish of wanted.reports) reports.push(await report(wanted, roster, wish))
    return { reports, roster: wanted.slipped_in === undefined ? null : await slipIn(wanted.org, roster, wanted.slipped_in) }
}

async function report(wanted: Wanted, roster: Roster, wish: Wish): Promise<Json> {
    const mine = await newCase(wanted.org)
    const excluded = wish.excluded ?? []
    const attachments = []
    for (const { name, type, bytes } of wish.files ?? []) {
        attachments.push(await sealAttachment(mine, new Blob([unb64(bytes) as BlobPart], { type }), { name, type }))
    }
    const { body } = await prepareReport({
        case: mine,
        roster,
        panel: [...wish.panel].sort(),
        reach: drawReach(roster, excluded),
        excluded,
        answers: { what: wish.what, appear: "anonymous" },
        attachments,
        earlierDisclosures: [],
        identity: null,
        jurisdiction: "IE",
        urgency: null,
        rungTold: null,
        created: new Date(wanted.created),
    })
    const files: Json[] = []
    for (const { entry, sealed } of attachments) files.push({ sha256: entry.sha256, size: entry.size, file: b64url(await sealed.read(0, sealed.size)) })
    const sent = wish.lie === undefined ? body : await lying(mine, roster, body, wish.lie)
    return { case: mine.keys.idText, words: toWords(mine.keys.secret, english), body: { ...sent }, files }
}

/** The same report, signed by the reporter's own key all the same, with one thing that does not fit. */
async function lying(mine: NewCase, roster: Roster, body: SubmissionBody, lie: NonNullable<Wish["lie"]>): Promise<SubmissionBody> {
    const { org, keys } = mine
    const { v: _, ...manifest } = parseManifest(unb64url(body.manifest))
    let report = unb64url(body.report)
    if (lie.sealed_excluded !== undefined) {
        const payload = parseJson(await open("report", org, keys.id, report, mine.caseIdentity)) as Record<string, Json>
        report = await seal("report", org, keys.id, canonicalBytes({ ...payload, excluded: lie.sealed_excluded }), [mine.caseRecipient])
    }
    let file = unb64url(body.keys)
    if (lie.keys_to !== undefined) {
        const readers = lie.keys_to.map((id) => personIn(roster, id).recipient as string)
        file = await sealKeys(org, keys.id, { caseIdentity: mine.caseIdentity, replyRecipient: mine.replyRecipient, epoch: 0, earlier: [] }, readers)
    }
    const [first = [], ...others] = manifest.reach
    const reach = lie.other_reach === true ? [first.slice(1), ...others] : manifest.reach
    const bytes = manifestBytes({ ...manifest, reach, report: b64url(sha256(report)), keys: b64url(sha256(file)) })
    return { ...body, manifest: b64url(bytes), signature: b64url(signManifest(bytes, keys.signSeed)), report: b64url(report), keys: b64url(file) }
}

async function slipIn(org: string, before: Roster, wish: NonNullable<Wanted["slipped_in"]>): Promise<Json> {
    const text = rosterText(org, before.number + 1, before.sha256, [...before.people, wish.person])
    const lines: string[] = []
    for (const { id, file, phrase } of wish.signers) {
        const { signSeed } = await unwrapWithPassphrase(unb64url(file), phrase)
        lines.push(signRoster(text, wish.origin, id, signSeed))
    }
    return rosterNote(text, lines)
}
