/**
 * What a handler has typed and not sent: it outlives a lost line and a locked console, never the tab.
 *
 * While the console is open, a draft is plain text in memory. On locking it is sealed to the handler's own key, so that
 * a locked console holds nothing readable.
 */
import { text as textOf, unb64url, utf8 } from "../core/bytes.ts"
import { open, seal } from "../core/sealed.ts"

export interface SealedDraft {
    plain: string
    sealed: Uint8Array | null
}

/** Forgets the plain text of every draft once it is sealed to `recipient`. */
export async function sealDrafts(drafts: Map<string, SealedDraft>, org: string, recipient: string): Promise<void> {
    const waiting = [...drafts].filter(([, draft]) => draft.plain !== "")
    const plain = waiting.map(([, draft]) => utf8(draft.plain))
    for (const [, draft] of waiting) draft.plain = ""
    await Promise.all(
        waiting.map(async ([key, draft], i) => {
            draft.sealed = await seal("note", org, unb64url(caseOf(key), 16), plain[i] as Uint8Array, [recipient])
            ;(plain[i] as Uint8Array).fill(0)
        }),
    )
}

export async function openDrafts(drafts: Map<string, SealedDraft>, org: string, identity: string): Promise<void> {
    for (const [key, draft] of drafts) {
        if (draft.sealed === null || draft.plain !== "") continue
        draft.plain = textOf(await open("note", org, unb64url(caseOf(key), 16), draft.sealed, identity))
        draft.sealed = null
    }
}

/** Keys are "<case id>/<what>". */
function caseOf(key: string): string {
    return key.split("/")[0] as string
}

export function draftText(drafts: Map<string, SealedDraft>, caseId: string, what: string): string {
    return drafts.get(`${caseId}/${what}`)?.plain ?? ""
}

export function keepDraft(drafts: Map<string, SealedDraft>, caseId: string, what: string, text: string): void {
    if (text === "") drafts.delete(`${caseId}/${what}`)
    else drafts.set(`${caseId}/${what}`, { plain: text, sealed: null })
}
