/**
 * An open mailbox: the keys of twelve words, a short-lived token, and what was read last.
 *
 * Everything lives in this object and goes with it: `forget` wipes the secrets and ends every request.
 * A token that ran out is renewed by signing again; no session outlives the tab.
 */
import { b64url, hasher } from "../core/bytes.ts"
import { caseKeys, type CaseKeys } from "../core/casekeys.ts"
import { CannotOpen, CoreError } from "../core/errors.ts"
import { prepareMessage, REPORTER, type SealedMessage } from "../core/message.ts"
import type { QuestionsReply } from "../core/questions.ts"
import { policyOf, type Policy } from "../core/receipt.ts"
import { sealFile, type Attachment } from "../core/report.ts"
import { verifyChain, verifyLogged, type Chain } from "../core/roster.ts"
import { hybridRecipient, openStream } from "../core/sealed.ts"
import type { Cleaned } from "../files/clean.ts"
import { uploadAll, type Shelf, type UploadOptions } from "../files/upload.ts"
import { caseShelf } from "../files/shelf.ts"
import { ApiError } from "../net/api.ts"
import type { Mailbox, MailboxApi, OrganisationInfo, ReporterApi } from "../net/reporter.ts"
import { CaseErased, NoMailbox } from "./errors.ts"
import { tell, type Attached, type Story } from "./story.ts"

/** A message that was sealed and signed; sent again as it is until the server has it. */
export interface Outgoing {
    readonly message: SealedMessage
    readonly files: readonly Attachment[]
}

/** The person waits in front of it: two tries, then it is said that there is no line. */
const QUICK = { tries: 2 } as const

export class Session {
    private seen = ""
    private readonly stop = new AbortController()

    private constructor(
        private readonly api: ReporterApi,
        readonly organisation: OrganisationInfo,
        private readonly keys: CaseKeys,
        private readonly policy: Policy,
        private chain: Chain | null,
        private readonly origin: string,
        private box: MailboxApi,
    ) {}

    /**
     * Throws NoMailbox, CaseErased; Refused "other-manifest" comes only with `read`; otherwise what the API throws.
     * `origin` is the browser's own `location.origin`.
     */
    static async open(secret: Uint8Array, api: ReporterApi, origin: string, anchor: string | null): Promise<Session> {
        const organisation = await api.organisation()
        const keys = caseKeys(secret)
        const box = await login(api, keys, origin)
        const policy = policyOf(organisation.log_key)
        const chain = await readChain(api, organisation, policy, anchor)
        return new Session(api, organisation, keys, policy, chain, origin, box)
    }

    get kind(): "cases" | "records" {
        return this.record ? "records" : "cases"
    }

    private record = false

    /** What is in the mailbox now; null if nothing changed since it was read last. */
    async read(): Promise<Story | null> {
        const mailbox = await this.signedIn((box) => box.mailbox(QUICK))
        this.record = mailbox.kind === "record"
        const { server_time: _, ...rest } = mailbox
        const now = JSON.stringify(rest)
        if (now === this.seen) return null
        if (!this.knows(mailbox)) this.chain = await readChain(this.api, this.organisation, this.policy, null)
        const story = await tell(mailbox, { org: this.organisation.org, keys: this.keys, policy: this.policy, chain: this.chain })
        this.seen = now
        return story
    }

    /** Seals words and files to the panel, or answers to a handler's questions. Nothing leaves yet. */
    async prepare(text: string, files: readonly Cleaned[], story: Story, reply?: QuestionsReply): Promise<Outgoing> {
        const { org } = this.organisation
        const recipient = await hybridRecipient(story.caseIdentities[0] as string)
        const attachments: Attachment[] = []
        for (const file of files) {
            const facts = { name: file.name, type: file.type }
            attachments.push(await sealFile(org, this.keys.id, recipient, file.blob, facts, { signal: this.stop.signal }))
        }
        const message = await prepareMessage({
            org,
            caseId: this.keys.id,
            author: REPORTER,
            seed: this.keys.signSeed,
            kind: "text",
            promises: [],
            n: story.next.n,
            prev: story.next.prev,
            text,
            reply,
            attachments,
            caseRecipient: recipient,
        })
        return { message, files: attachments }
    }

    /** Idempotent: the same outgoing message is taken once. */
    async send(outgoing: Outgoing): Promise<void> {
        await this.signedIn((box) => box.postMessage(outgoing.message.body, QUICK))
    }

    async sendFiles(outgoing: Outgoing, options: UploadOptions): Promise<void> {
        await uploadAll(outgoing.files.map(({ sealed }) => sealed), this.shelf(), { ...options, signal: this.stop.signal })
    }

    /** A file of the case, opened; parts go into a Blob as they come. Throws CannotOpen "changed" if it is not what was sealed. */
    async file(note: Attached, story: Story): Promise<Blob> {
        const answer = await this.signedIn((box) => box.file(note.sha256, { signal: this.stop.signal }))
        const parts: Blob[] = []
        const hash = hasher()
        const opened = openStream("attachment", this.organisation.org, this.keys.id, await answer.blob(), story.caseIdentities)
        let held: Uint8Array[] = []
        let size = 0
        for await (const piece of opened) {
            hash.update(piece)
            held.push(Uint8Array.from(piece))
            size += piece.length
            if (size < 4 * 1024 * 1024) continue
            parts.push(new Blob(held as BlobPart[]))
            held = []
            size = 0
        }
        parts.push(new Blob(held as BlobPart[]))
        if (b64url(hash.digest()) !== note.plain_sha256) throw new CannotOpen("changed")
        return new Blob(parts, { type: harmless(note.type) })
    }

    forget(): void {
        this.stop.abort()
        this.keys.secret.fill(0)
        this.keys.signSeed.fill(0)
        this.keys.logKey.fill(0)
        this.seen = ""
    }

    private shelf(): Shelf {
        return caseShelf(this.organisation.org, this.kind, this.keys.idText)
    }

    private knows(mailbox: Mailbox): boolean {
        const authors = [...mailbox.messages.map((message) => message.author), ...mailbox.keys.reduce<string[]>((all, one) => [...all, ...one.panel], [])]
        return authors.every((id) => id === REPORTER || this.chain?.rosters.some((roster) => roster.people.some((person) => person.id === id)))
    }

    private async signedIn<T>(act: (box: MailboxApi) => Promise<T>): Promise<T> {
        try {
            return await act(this.box)
        } catch (fault) {
            if (!(fault instanceof ApiError && fault.status === 401) || this.stop.signal.aborted) throw fault
            this.box = await login(this.api, this.keys, this.origin)
            return act(this.box)
        }
    }
}

async function login(api: ReporterApi, keys: CaseKeys, origin: string): Promise<MailboxApi> {
    try {
        return await api.openMailbox(keys, origin, QUICK)
    } catch (fault) {
        if (fault instanceof ApiError && fault.status === 401) throw new NoMailbox()
        if (fault instanceof ApiError && fault.status === 410) throw new CaseErased(String(fault.body.on))
        throw fault
    }
}

/** The verified list of readers; null where it does not stand, and then no handler's signature counts. */
async function readChain(api: ReporterApi, organisation: OrganisationInfo, policy: Policy, anchor: string | null): Promise<Chain | null> {
    const { rosters, receipt } = await api.rosters()
    try {
        const chain = verifyChain(rosters, { org: organisation.org, origin: organisation.origin, anchor })
        verifyLogged(chain.newest, receipt, policy)
        return chain
    } catch (fault) {
        if (fault instanceof CoreError) return null
        throw fault
    }
}

/** A type that a browser shows as a picture or plays; anything else is only bytes to keep. */
function harmless(type: string): string {
    return /^(image\/(png|jpeg|webp|gif)|audio\/[a-z0-9.+-]+|video\/[a-z0-9.+-]+|application\/pdf|text\/plain)$/.test(type) ? type : "application/octet-stream"
}

