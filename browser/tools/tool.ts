/**
 * The browser's core at a terminal, for fixtures, tests and outside checks: JSON in, JSON out, binary as base64url.
 *
 *     npm run -s tool -- keys    {passphrase?}                      → {ageIdentity, signSeed, recipient, sign, wrapped?}
 *     npm run -s tool -- roster  {org, origin, number, previous, people, signers: [{id, signSeed}]} → {note, sha256, anchor}
 *     npm run -s tool -- report  {org, roster, answers, excluded?, panel?, secret?, …}  → {case, words, secret, body, …}
 *     npm run -s tool -- message {org, case, author, signSeed, kind, promises, n, prev, text, caseRecipient} → {body, sha256}
 *     npm run -s tool -- open    {org, case, manifest, signature, report, keys: [{epoch, panel, file}], ageIdentity} → {report, …}
 *     npm run -s tool -- time                                       → milliseconds of the slow steps
 *
 * It prints secrets: never on a machine that holds real cases.
 */
import { b64url, unb64url, type Json } from "../src/core/bytes.ts"
import { newHandlerKeys, publicHalves, wrapWithPassphrase } from "../src/core/handlerkeys.ts"
import { prepareMessage, type Kind } from "../src/core/message.ts"
import { drawReach, proposePanel, type Reach } from "../src/core/panel.ts"
import { newCase, openReport, prepareReport, type EarlierDisclosure } from "../src/core/report.ts"
import { anchorOf, parseRoster, rosterNote, rosterText, signRoster, type RosterPerson } from "../src/core/roster.ts"
import { english } from "../src/core/words-en.ts"
import { toWords } from "../src/core/words.ts"

async function keys(wish: { passphrase?: string } | null): Promise<Json> {
    const made = newHandlerKeys()
    const wrapped = wish?.passphrase === undefined ? undefined : b64url(await wrapWithPassphrase(made, wish.passphrase))
    return { ageIdentity: made.ageIdentity, signSeed: b64url(made.signSeed), ...(await publicHalves(made)), wrapped }
}

interface RosterWish {
    org: string
    origin: string
    number: number
    previous: string | null
    people: RosterPerson[]
    signers: { id: string; signSeed: string }[]
}

async function roster(wish: RosterWish): Promise<Json> {
    const text = rosterText(wish.org, wish.number, wish.previous === null ? null : unb64url(wish.previous, 32), wish.people)
    const lines = wish.signers.map(({ id, signSeed }) => signRoster(text, wish.origin, id, unb64url(signSeed, 32)))
    const note = rosterNote(text, lines)
    return { note, sha256: parseRoster(note).sha256Text, anchor: anchorOf(text) }
}

interface ReportWish {
    org: string
    /** The roster's note. */
    roster: string
    answers: Record<string, Json>
    excluded?: string[]
    panel?: string[]
    reach?: Reach
    secret?: string
    earlierDisclosures?: EarlierDisclosure[]
    identity?: { name: string; contact: string } | null
    jurisdiction?: string | null
    urgency?: "now" | "soon" | null
    rungTold?: number | null
    created: string
}

async function report(wish: ReportWish): Promise<Json> {
    const mine = await newCase(wish.org, wish.secret === undefined ? undefined : unb64url(wish.secret, 16))
    const parsed = parseRoster(wish.roster)
    const excluded = wish.excluded ?? []
    const panel = wish.panel ?? proposePanel(parsed, excluded)
    const { body } = await prepareReport({
        case: mine,
        roster: parsed,
        panel,
        reach: wish.reach ?? drawReach(parsed, excluded),
        excluded,
        answers: wish.answers,
        attachments: [],
        earlierDisclosures: wish.earlierDisclosures ?? [],
        identity: wish.identity ?? null,
        jurisdiction: wish.jurisdiction ?? null,
        urgency: wish.urgency ?? null,
        rungTold: wish.rungTold ?? null,
        created: new Date(wish.created),
    })
    return {
        case: mine.keys.idText,
        words: toWords(mine.keys.secret, english),
        secret: b64url(mine.keys.secret),
        signSeed: b64url(mine.keys.signSeed),
        caseLogKey: b64url(mine.keys.logKey),
        replyIdentity: mine.keys.replyIdentity,
        caseIdentity: mine.caseIdentity,
        caseRecipient: mine.caseRecipient,
        panel,
        body: { ...body },
    }
}

interface MessageWish {
    org: string
    case: string
    author: string
    signSeed: string
    kind: Kind
    promises: string[]
    n: number
    prev: string
    text: string
    caseRecipient: string
}

async function message(wish: MessageWish): Promise<Json> {
    const { org, author, kind, promises, n, text, caseRecipient } = wish
    const made = await prepareMessage({
        org,
        caseId: unb64url(wish.case, 16),
        author,
        seed: unb64url(wish.signSeed, 32),
        kind,
        promises,
        n,
        prev: unb64url(wish.prev),
        text,
        attachments: [],
        caseRecipient,
    })
    return { body: { ...made.body } as unknown as Json, sha256: b64url(made.sha256) }
}

interface OpenWish {
    org: string
    case: string
    manifest: string
    signature: string
    report: string
    keys: { epoch: number; panel: string[]; file: string }[]
    ageIdentity: string
}

async function openSealed(wish: OpenWish): Promise<Json> {
    const keysFiles = wish.keys.map((one) => ({ ...one, file: unb64url(one.file), author: null, signature: null }))
    const { report: words, manifest, mismatches } = await openReport(
        {
            org: wish.org,
            caseId: unb64url(wish.case, 16),
            manifest: unb64url(wish.manifest),
            signature: unb64url(wish.signature),
            report: unb64url(wish.report),
            keys: keysFiles,
        },
        wish.ageIdentity,
    )
    return { report: words, manifest, mismatches } as unknown as Json
}

/** Median of five, a panel of four. */
async function time(): Promise<Json> {
    const people: RosterPerson[] = []
    const signers: RosterWish["signers"] = []
    for (const role of ["lead", "handler", "handler", "external", "handler"] as const) {
        const made = newHandlerKeys()
        const id = b64url(crypto.getRandomValues(new Uint8Array(16)))
        const name = { en: role, zh: role }
        people.push({ id, name, duty: name, languages: ["en"], role, ...(await publicHalves(made)), from: "2026-11-01" })
        signers.push({ id, signSeed: b64url(made.signSeed) })
    }
    const first = (await roster({ org: "time", origin: "t/log/time", number: 0, previous: null, people, signers })) as { note: string }
    const wish = { org: "time", roster: first.note, answers: { what: "words" }, created: "2026-11-24T00:00:00Z" }
    const runs: number[] = []
    for (let i = 0; i < 6; i++) {
        const start = performance.now()
        await report(wish)
        runs.push(performance.now() - start)
    }
    const wrapping = performance.now()
    await wrapWithPassphrase(newHandlerKeys(), "seven words")
    return { first_report: Math.round(runs[0] as number), report: Math.round(runs.slice(1).sort((a, b) => a - b)[2] as number), wrap_passphrase: Math.round(performance.now() - wrapping) }
}

export const COMMANDS = { keys, roster, report, message, open: openSealed, time }
