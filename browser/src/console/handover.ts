/**
 * Handing cases over: a panel seals a case anew without somebody who left or stepped down (PROTOCOLS 2.8).
 *
 * - only those who stay do it: the new case identity must be one that the leaver never saw
 * - the last reader can't step down; the server refuses it as well
 * - a reason is for the panel alone: it goes into a sealed note, never to the server
 */
import { b64url, unb64url } from "../core/bytes.ts"
import { preparePanelChange } from "../core/keysfile.ts"
import { eligible } from "../core/panel.ts"
import type { Roster } from "../core/roster.ts"
import { sealNote } from "./compose.ts"
import { rosterToSealBy, type Desk } from "./desk.ts"
import { openCase, readersOf, type OpenCase } from "./opencase.ts"
import { reader } from "./reader.ts"
import type { InboxCase } from "./types.ts"
import { t } from "./words.ts"

export function waitsForHandover(row: Pick<InboxCase, "closed" | "leaving">): boolean {
    return !row.closed && row.leaving.length > 0
}

/** Who reads the case after the handover: those who stay, and `joins` unless the reporter named them as involved. */
export function panelAfter(open: Pick<OpenCase, "panel" | "detail" | "opened">, roster: Roster, joins: string | null): string[] {
    const may = new Set(eligible(roster, open.opened.report.excluded).map(({ id }) => id))
    const gone = new Set(open.detail.leaving.map(({ person }) => person))
    const panel = readersOf(open).filter((id) => may.has(id))
    if (joins !== null && may.has(joins) && !gone.has(joins) && !panel.includes(joins)) panel.push(joins)
    return panel.sort()
}

export interface HandedOver {
    /** Whether the person asked for came onto the panel: the reporter may have named them as involved. */
    readonly joined: boolean
    /** How many read it now. */
    readonly readers: number
}

/** Opens the case and seals it to those who stay. Throws what opening and sealing throw, and what the server refuses. */
export async function handOver(desk: Desk, id: string, joins: string | null): Promise<HandedOver> {
    const open = await openCase(await desk.server.case(id), reader(desk))
    const panel = panelAfter(open, rosterToSealBy(desk), joins)
    if (open.detail.leaving.length > 0 || (joins !== null && panel.includes(joins))) await changePanel(desk, open, panel)
    return { joined: joins === null || panel.includes(joins), readers: panel.length }
}

/** Throws Refused "roster-alarm", "excluded", "nobody", "not-in-roster", and what the server refuses. */
export async function changePanel(desk: Desk, open: OpenCase, panel: readonly string[]): Promise<void> {
    const roster = rosterToSealBy(desk)
    const change = await preparePanelChange({
        org: desk.facts.org,
        caseId: unb64url(open.id, 16),
        roster,
        before: open.panel,
        panel,
        excluded: open.opened.report.excluded,
        keys: open.keys,
        seed: desk.session.keys.signSeed,
    })
    await desk.server.panel(open.id, change.body)
}

export const REASONS = ["conflict", "close", "absent", "load"] as const
export type Reason = (typeof REASONS)[number]

/** Leaves a note with the reason where one was chosen, then steps down: from there on nothing of the case opens here. */
export async function stepDown(desk: Desk, open: OpenCase, reason: Reason | null): Promise<void> {
    if (reason !== null) {
        const words = t("console.step-down.note", { reason: t(`console.step-down.reason.${reason}`) })
        await desk.server.note(open.id, { file: b64url(await sealNote(desk, open, words)), attachments: [] })
    }
    await desk.server.stepDown(open.id)
}
