/**
 * Seals one found case in this browser and sends it in, on the reporters' public way: what the server gets looks like any
 * other report, so it learns neither who imported nor that anything was.
 *
 * What was sealed is kept until all of it has arrived, and the very same bytes go again after a lost line.
 */
import { concat, b64url, lp, sha256, utf8 } from "../../core/bytes.ts"
import { newCaseSecret } from "../../core/casekeys.ts"
import { drawReach } from "../../core/panel.ts"
import { newCase, prepareReport, sealAttachment, type Attachment, type Submission } from "../../core/report.ts"
import type { Roster } from "../../core/roster.ts"
import { caseShelf } from "../../files/shelf.ts"
import { uploadAll } from "../../files/upload.ts"
import { ReporterApi } from "../../net/reporter.ts"
import type { Found } from "./found.ts"

export interface Choice {
    readonly panel: readonly string[]
    /** Named in it, or close to those named: never told, never added. */
    readonly excluded: readonly string[]
}

export interface Plan {
    readonly org: string
    readonly roster: Roster
    /** Who left since it was signed: not drawn into reach. */
    readonly gone: readonly string[]
    readonly by: string
    readonly seed: Uint8Array
    readonly jurisdiction: string | null
    /** Twelve words for the reporter; otherwise the secret is forgotten, and nobody can ever come back with it. */
    readonly words: boolean
    readonly now: Date
}

export interface SealedCase {
    readonly case: string
    readonly submission: Submission
    readonly attachments: readonly Attachment[]
    /** The sixteen bytes behind the twelve words, where they are to be shown. */
    readonly secret: Uint8Array | null
}

/** Throws Refused "nobody", "excluded", "not-in-roster", "panel-too-large". */
export async function sealFound(found: Found, choice: Choice, plan: Plan): Promise<SealedCase> {
    const secret = newCaseSecret()
    const mine = await newCase(plan.org, secret)
    const attachments: Attachment[] = []
    for (const { blob, name, type } of found.files) attachments.push(await sealAttachment(mine, blob, { name, type }))
    const { source, reference, stated, fields } = found
    const submission = await prepareReport({
        case: mine,
        roster: plan.roster,
        panel: choice.panel,
        reach: drawReach(plan.roster, [...choice.excluded, ...plan.gone]),
        excluded: choice.excluded,
        answers: { what: found.what, appear: "anonymous" },
        attachments,
        earlierDisclosures: [],
        identity: null,
        jurisdiction: plan.jurisdiction,
        urgency: null,
        rungTold: null,
        imported: { said: { by: plan.by, source, reference, stated, fields, words: plan.words }, seed: plan.seed },
        created: plan.now,
    })
    if (!plan.words) secret.fill(0)
    return { case: mine.keys.idText, submission, attachments, secret: plan.words ? secret : null }
}

/** Sends it, or the rest of it. Throws NoConnection, ApiError, FileError. */
export async function sendFound(sealed: SealedCase, org: string, onProgress: (share: number) => void): Promise<void> {
    const server = new ReporterApi(org)
    await server.putCase(sealed.case, sealed.submission, await server.work())
    await uploadAll(sealed.attachments.map((one) => one.sealed), caseShelf(org, "cases", sealed.case), {
        onProgress: ({ allSent, allSize }) => onProgress(allSize === 0 ? 1 : allSent / allSize),
    })
}

/** Remembers on this device what one handler brought in, so that the same file again doubles nothing. Nothing of it can be read. */
export class Marks {
    private readonly known: Record<string, string>

    constructor(
        private readonly shelf: Pick<Storage, "getItem" | "setItem">,
        private readonly org: string,
        private readonly seed: Uint8Array,
    ) {
        this.known = this.read()
    }

    /** The case that this was imported as, null for something new. */
    of(found: Found): string | null {
        return this.known[this.markOf(found)] ?? null
    }

    set(found: Found, caseId: string): void {
        this.known[this.markOf(found)] = caseId
        try {
            this.shelf.setItem(this.name, JSON.stringify(this.known))
        } catch {
            // A full or forbidden shelf: the next import then asks nothing.
        }
    }

    private get name(): string {
        return `answerable.imported.${this.org}`
    }

    /** Keyed with the handler's seed: whoever finds the device can't tell whether a text they have was brought in. */
    private markOf({ source, reference, stated, what, fields }: Found): string {
        const said = utf8(JSON.stringify([source, reference, stated, what, fields]))
        return b64url(sha256(concat(lp("answerable/v1/import/mark"), lp(this.seed), sha256(said))).subarray(0, 16))
    }

    private read(): Record<string, string> {
        try {
            const found = JSON.parse(this.shelf.getItem(this.name) ?? "{}") as unknown
            return typeof found === "object" && found !== null && !Array.isArray(found) ? (found as Record<string, string>) : {}
        } catch {
            return {}
        }
    }
}
