/**
 * What she has said so far. It lives in this page's memory and nowhere else: no storage, no address, no
 * history entry holds a word of it. Closing the page forgets it, and so does leaving at once.
 */
import type { Answer } from "../core/questions.ts"
import type { FileList } from "../files/picker.ts"

export type Kind = "report" | "record"
export type Reply = "" | "yes" | "no" | "unsure"
export type Appear = "anonymous" | "named" | "confidential"

export interface Told {
    /** Id on the roster, or null for anyone else. */
    person: string | null
    /** In her words; for someone on the roster, filled from the roster. */
    to: string
    /** YYYY-MM-DD or empty. */
    on: string
}

export interface Draft {
    readonly kind: Kind
    jurisdiction: string | null
    readonly excluded: Set<string>
    panel: string[]
    /** People of the panel that she chose herself. */
    readonly chosen: Set<string>
    readonly answers: { what: string; when: string; where: string; who: string; seen: string; drink: Reply; ongoing: Reply }
    /** Answers to the organisation's own questions, by their ids. */
    readonly own: Map<string, Answer>
    readonly told: Told[]
    files: FileList | null
    appear: Appear
    name: string
    contact: string
    urgency: "now" | "soon" | null
    /** The 16 bytes behind the twelve words, once they were shown. */
    secret: Uint8Array | null
}

export function newDraft(kind: Kind): Draft {
    return {
        kind,
        jurisdiction: null,
        excluded: new Set(),
        panel: [],
        chosen: new Set(),
        answers: { what: "", when: "", where: "", who: "", seen: "", drink: "", ongoing: "" },
        own: new Map(),
        told: [],
        files: null,
        appear: "anonymous",
        name: "",
        contact: "",
        urgency: null,
        secret: null,
    }
}

/** Overwrites everything, as far as a script can. */
export function forget(draft: Draft): void {
    draft.own.clear()
    Object.assign(draft, newDraft(draft.kind))
    draft.excluded.clear()
    draft.told.length = 0
    draft.files?.clear()
}

/** Disclosures as the report has them; an entry without a name says nothing and is left out. */
export function disclosures(draft: Draft): { to: string; on: string | null; person: string | null }[] {
    return draft.told
        .filter((one) => one.to.trim() !== "")
        .map(({ to, on, person }) => ({ to: to.trim(), on: /^\d{4}-\d\d-\d\d$/.test(on) ? on : null, person }))
}

/** Whether there is anything to seal: words, or a file. */
export function saysSomething(draft: Draft): boolean {
    const { what, when, where, who, seen } = draft.answers
    const own = Array.from(draft.own.values()).some((answer) => (typeof answer === "string" ? answer.trim() !== "" : answer.length > 0))
    return own || [what, when, where, who, seen].some((text) => text.trim() !== "") || (draft.files?.files().length ?? 0) > 0
}
