/** Seals the demo organisation: people's keys, one roster, cases, messages, notes. JSON in, JSON out. */
import { b64url, canonicalBytes, sha256, unb64, unb64url, type Json } from "../src/core/bytes.ts"
import { newHandlerKeys, publicHalves, wrapWithPassphrase, type HandlerKeys } from "../src/core/handlerkeys.ts"
import { keptLabel } from "../src/core/labels.ts"
import { prepareMessage } from "../src/core/message.ts"
import { drawReach } from "../src/core/panel.ts"
import { newCase, prepareReport, sealAttachment } from "../src/core/report.ts"
import { parseRoster, rosterNote, rosterText, signRoster, type RosterPerson } from "../src/core/roster.ts"
import { seal } from "../src/core/sealed.ts"
import { newPassphrase, toWords, type WordList } from "../src/core/words.ts"
import { english } from "../src/core/words-en.ts"
import { chinese } from "../src/core/words-zh.ts"

interface Person { key: string; id: string; name: { en: string; zh: string }; duty: { en: string; zh: string }; role: string; languages: string[] }
interface Message { by: string; kind: "acknowledge" | "owner" | "answer" | "feedback" | "close" | "text"; promises: string[]; text: string }
interface Case {
    key: string; language: "en" | "zh"; jurisdiction: string; urgency?: "now" | "soon"; panel: string[]; excluded?: string[]; photo?: string
    start_rung?: number; told?: string[]; named?: string; identity?: { name: string; contact: string }; answers: Record<string, string>
    messages: Message[]; notes: { by: string; text: string }[]
}
export interface Wanted { org: string; origin: string; people: Person[]; cases: Case[]; photo: string }

const KEYED = ["handler", "lead", "external"]
const wordsOf = (language: string | undefined): WordList => (language === "zh" ? chinese : english)

/** Everything the demo needs that only the browser's code can make. */
export async function demo(wanted: Wanted): Promise<Json> {
    const keys = new Map<string, HandlerKeys>()
    const people: Json[] = []
    const roster: RosterPerson[] = []
    for (const person of wanted.people) {
        if (![...KEYED, "overseer"].includes(person.role)) continue
        let recipient: string | null = null
        let sign: string | null = null
        if (KEYED.includes(person.role)) {
            const made = newHandlerKeys()
            const list = wordsOf(person.languages[0])
            const phrase = newPassphrase(list).join(" ")
            const halves = await publicHalves(made)
            keys.set(person.key, made)
            recipient = halves.recipient
            sign = halves.sign
            people.push({ key: person.key, recipient, sign, phrase, wrapped: b64url(await wrapWithPassphrase(made, phrase)) })
        }
        const { id, name, duty, languages } = person
        roster.push({ id, name, duty, languages, role: person.role as RosterPerson["role"], recipient, sign, from: "2026-11-01" })
    }
    const text = rosterText(wanted.org, 0, null, roster)
    const idOf = (key: string): string => {
        const found = wanted.people.find((person) => person.key === key)
        if (!found) throw new Error(`nobody is called ${key}`)
        return found.id
    }
    const note = rosterNote(text, [...keys].map(([key, made]) => signRoster(text, wanted.origin, idOf(key), made.signSeed)))
    const parsed = parseRoster(note)
    const recipientOf = (key: string): string => {
        const found = roster.find((person) => person.id === idOf(key))?.recipient
        if (!found) throw new Error(`${key} holds no key`)
        return found
    }
    const cases: Json[] = []
    for (const wish of wanted.cases) {
        const opened = await newCase(wanted.org)
        const excluded = (wish.excluded ?? []).map(idOf)
        const attachments = wish.photo
            ? [await sealAttachment(opened, new Blob([unb64(wanted.photo) as BlobPart], { type: "image/jpeg" }), { name: wish.photo, type: "image/jpeg" })]
            : []
        const appear = wish.identity ? "confidential" : wish.named ? "named" : "anonymous"
        const submission = await prepareReport({
            case: opened,
            roster: parsed,
            panel: wish.panel.map(idOf).sort(),
            reach: drawReach(parsed, excluded),
            excluded,
            answers: { ...wish.answers, appear, ...(wish.named ? { name: wish.named } : {}) },
            attachments,
            earlierDisclosures: (wish.told ?? []).map((to) => ({ to, on: null, person: null })),
            identity: wish.identity ?? null,
            jurisdiction: wish.jurisdiction,
            urgency: wish.urgency ?? null,
            rungTold: wish.told ? 0 : null,
            created: new Date("2026-11-24T08:00:00Z"),
        })
        const count = new Map<string, number>()
        // The newest sealed file that whoever writes first has seen is the report.
        let prev = sha256(unb64url(submission.body.report))
        const messages: Json[] = []
        for (const said of wish.messages) {
            const author = said.by === "reporter" ? "reporter" : idOf(said.by)
            const n = count.get(author) ?? 0
            count.set(author, n + 1)
            const seed = said.by === "reporter" ? opened.keys.signSeed : keys.get(said.by)?.signSeed
            if (!seed) throw new Error(`${said.by} cannot sign`)
            const made = await prepareMessage({
                org: wanted.org, caseId: opened.keys.id, author, seed, kind: said.kind, promises: said.promises, n, prev,
                text: said.text, attachments: [], caseRecipient: opened.caseRecipient,
            })
            prev = made.sha256
            const kept = said.promises.map((promise) => ({ promise, label: b64url(keptLabel(opened.keys.logKey, promise)) }))
            messages.push({ ...(made.body as unknown as Record<string, Json>), kept })
        }
        const notes: Json[] = []
        for (const noted of wish.notes) {
            const payload = canonicalBytes({ v: 1, text: noted.text, attachments: [] })
            notes.push({ file: b64url(await seal("note", wanted.org, opened.keys.id, payload, wish.panel.map(recipientOf))) })
        }
        const files: Json[] = []
        for (const attachment of attachments) {
            files.push({ ...(attachment.entry as unknown as Record<string, Json>), file: b64url(await attachment.sealed.read(0, attachment.sealed.size)) })
        }
        cases.push({
            key: wish.key, case: opened.keys.idText, words: toWords(opened.keys.secret, wordsOf(wish.language)),
            body: submission.body as unknown as Json, messages, notes, files,
        })
    }
    return { origin: wanted.origin, people, roster: note, cases }
}
