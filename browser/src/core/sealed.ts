/**
 * Sealed files (PROTOCOLS 2.1): who can open them, what they are for, how long they look.
 *
 * - plaintext = header || payload || zero bytes, in steps of size, so that length tells next to nothing
 * - header = lp("answerable/v1/sealed/" || purpose) || lp(org) || lp(case id, 16 bytes) || I2OSP(payload length, 8)
 * - sealed to hybrid post-quantum age recipients only; anything else is refused, when sealing and when opening
 * - openers refuse another purpose, organisation or case, and padding that is not zero
 *
 * Throws Refused, Malformed or CannotOpen (errors.ts); NotSupported "no-streams" in browsers without streams.
 */
import {
    CHUNK,
    NONCE_SIZE,
    TAG,
    canSeal,
    envelope,
    headSize,
    openChunk,
    openHead,
    plainSize,
    readHeader,
    recipientOf,
    sealChunk,
    streamSize,
    type Envelope,
} from "./age.ts"
import { concat, equal, hasher, i2osp, isOrg, lp, os2ip, randomBytes, utf8 } from "./bytes.ts"
import { hybridIdentityText } from "./casekeys.ts"
import { CannotOpen, CoreError, Malformed, Refused, Stopped } from "./errors.ts"

export { canSeal }

export const PURPOSES = ["report", "keys", "message", "note", "attachment", "identity", "record", "share"] as const
export type Purpose = (typeof PURPOSES)[number]

/** A stream of bytes from anywhere: a file, a response, a generator. */
export type Source = Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>

const KIB = 1024
const STEPS = [4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB]
const ATTACHMENT_STEPS = [64 * KIB, 256 * KIB, 1024 * KIB, 4096 * KIB, 16384 * KIB]
const LABEL = "answerable/v1/sealed/"
/** Bytes read from a file at a time. */
const SLICE = 16 * CHUNK

/** A new age hybrid identity, AGE-SECRET-KEY-PQ-1…; never an X25519 one. */
export function newHybridIdentity(): string {
    return hybridIdentityText(randomBytes(32))
}

/** The recipient (age1pq1…) of a hybrid identity. Throws Refused "not-hybrid". */
export function hybridRecipient(identity: string): Promise<string> {
    return recipientOf(identity)
}

/** Header, payload and padding together. */
export function paddedSize(purpose: Purpose, length: number): number {
    const steps = purpose === "attachment" ? ATTACHMENT_STEPS : STEPS
    const step = steps.find((size) => length <= size)
    return step ?? padme(length)
}

/** The Padmé size of L >= 2 bytes: at most 12 % more, and only O(log log L) bits of L show. */
export function padme(length: number): number {
    const e = floorLog2(length)
    const s = floorLog2(e) + 1
    const unit = 2 ** (e - s)
    return Math.ceil(length / unit) * unit
}

/** Exact also beside powers of two, where `Math.log2` rounds. */
function floorLog2(n: number): number {
    let power = -1
    for (let rest = n; rest >= 1; rest = Math.floor(rest / 2)) power++
    return power
}

/** Bytes of the sealed file, known before sealing. */
export function sealedSize(purpose: Purpose, org: string, payloadLength: number, recipients: number): number {
    const prefix = 2 + utf8(LABEL + purpose).length + 2 + utf8(org).length + 2 + 16 + 8
    return headSize(recipients) + streamSize(paddedSize(purpose, prefix + payloadLength))
}

function prefixOf(purpose: Purpose, org: string, caseId: Uint8Array, payloadLength: number): Uint8Array {
    if (PURPOSES.indexOf(purpose) < 0) throw new Malformed("bad-purpose")
    if (!isOrg(org)) throw new Malformed("bad-organisation")
    if (caseId.length !== 16) throw new Malformed("bad-length")
    return concat(lp(LABEL + purpose), lp(org), lp(caseId), i2osp(payloadLength, 8))
}

/** Seals `payload` so that only holders of `recipients` (age1pq1…) can read it. */
export async function seal(
    purpose: Purpose,
    org: string,
    caseId: Uint8Array,
    payload: Uint8Array,
    recipients: readonly string[],
): Promise<Uint8Array> {
    const pieces: Uint8Array[] = []
    for await (const piece of sealStream(purpose, org, caseId, payload.length, once(payload), recipients)) pieces.push(piece)
    return concat(...pieces)
}

/** The payload. `identities` are tried in turn. */
export async function open(
    purpose: Purpose,
    org: string,
    caseId: Uint8Array,
    sealed: Uint8Array,
    identities: string | readonly string[],
): Promise<Uint8Array> {
    const pieces: Uint8Array[] = []
    for await (const piece of openStream(purpose, org, caseId, once(sealed), identities)) pieces.push(piece)
    return concat(...pieces)
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    yield bytes
}

/**
 * Seals a stream of `payloadLength` bytes; holds about one chunk of it.
 *
 * Throws Refused "file-changed" if the source has more or fewer bytes.
 */
export async function* sealStream(
    purpose: Purpose,
    org: string,
    caseId: Uint8Array,
    payloadLength: number,
    source: Source,
    recipients: readonly string[],
): AsyncGenerator<Uint8Array> {
    const prefix = prefixOf(purpose, org, caseId, payloadLength)
    const total = paddedSize(purpose, prefix.length + payloadLength)
    const { head, streamKey } = await envelope(recipients)
    yield head
    const reader = new Pieces(padded(prefix, source, payloadLength, total))
    const last = Math.ceil(total / CHUNK) - 1
    for (let index = 0; index <= last; index++) {
        yield sealChunk(streamKey, index, index === last, await reader.exactly(Math.min(CHUNK, total - index * CHUNK)))
    }
    if (!(await reader.ended())) throw new Refused("file-changed")
}

async function* padded(prefix: Uint8Array, source: Source, length: number, total: number): AsyncGenerator<Uint8Array> {
    yield prefix
    let seen = 0
    for await (const piece of bytesOf(source)) {
        seen += piece.length
        if (seen > length) throw new Refused("file-changed")
        yield piece
    }
    if (seen !== length) throw new Refused("file-changed")
    for (let left = total - prefix.length - length; left > 0; left -= CHUNK) yield new Uint8Array(Math.min(left, CHUNK))
}

/**
 * Opens a stream; holds about one chunk of it.
 *
 * Every piece is authentic when it comes, but only a run that ends without throwing was the whole file,
 * of the right purpose, organisation and case, with clean padding: show nothing before that.
 */
export async function* openStream(
    purpose: Purpose,
    org: string,
    caseId: Uint8Array,
    sealed: Source,
    identities: string | readonly string[],
): AsyncGenerator<Uint8Array> {
    const expected = prefixOf(purpose, org, caseId, 0)
    const known = typeof identities === "string" ? [identities] : identities
    const plain = new Pieces(openAge(sealed, known))
    let left = await readPrefix(plain, expected)
    for (;;) {
        const piece = await plain.some()
        if (piece === undefined) break
        if (piece.length > left && !allZero(piece.subarray(left))) throw new Refused("bad-padding")
        const payload = piece.subarray(0, Math.min(left, piece.length))
        left -= payload.length
        if (payload.length > 0) yield payload
    }
    if (left > 0) throw new Malformed("bad-payload-length")
}

/** The age plaintext as it is, header and padding included: `openStream` without its checks, for the published vectors. */
export async function* openAge(sealed: Source, identities: readonly string[]): AsyncGenerator<Uint8Array> {
    const file = new Pieces(bytesOf(sealed))
    const header = await file.until(readHeader)
    const key = await openHead(await file.exactly(header.length + NONCE_SIZE), identities)
    for (let index = 0; ; index++) {
        const chunk = await file.upTo(CHUNK + TAG)
        const last = await file.ended()
        yield openChunk(key, index, last, chunk)
        if (last) return
    }
}

/** Checks the sealed header against what is expected and returns the payload's length. */
async function readPrefix(plain: Pieces, expected: Uint8Array): Promise<number> {
    const faults = ["other-purpose", "other-organisation", "other-case"]
    let at = 0
    for (const fault of faults) {
        const size = 2 + os2ip(expected.subarray(at, at + 2))
        // One field after another, as they are: a longer organisation must not be read as another case.
        const length = await plain.exactly(2)
        const field = concat(length, await plain.exactly(os2ip(length)))
        if (!equal(field, expected.subarray(at, at + size))) throw new Refused(fault)
        at += size
    }
    return os2ip(await plain.exactly(8))
}

function allZero(bytes: Uint8Array): boolean {
    let any = 0
    for (const byte of bytes) any |= byte
    return any === 0
}

export interface Inspected {
    /** How many can open it. */
    readonly stanzas: number
    readonly headerLength: number
    /** Header, payload and padding together. */
    readonly plainLength: number
}

/** What anybody can see of a sealed file. Throws Malformed "bad-envelope", Refused "not-hybrid" or "bad-size". */
export function inspect(purpose: Purpose, sealed: Uint8Array): Inspected {
    const header = readHeader(sealed)
    if (header === undefined) throw new Malformed("bad-envelope")
    const plainLength = plainSize(sealed.length - header.length - NONCE_SIZE)
    if (paddedSize(purpose, Math.max(plainLength, 1)) !== plainLength) throw new Refused("bad-size")
    return { stanzas: header.stanzas, headerLength: header.length, plainLength }
}

export interface SealOptions {
    readonly onProgress?: (done: number, total: number) => void
    readonly signal?: AbortSignal
}

/** A sealed file that is made anew whenever a part of it is asked for. */
export interface SealedBlob {
    /** Sealed bytes, and their SHA-256. */
    readonly size: number
    readonly sha256: Uint8Array
    readonly plainSize: number
    readonly plainSha256: Uint8Array
    /** Any range of the sealed bytes. Throws Refused "file-changed". */
    read(offset: number, length: number): Promise<Uint8Array>
    /** The sealed bytes from `from` on, in pieces of `chunkSize` (1 MiB). */
    chunks(chunkSize?: number, from?: number): AsyncGenerator<Uint8Array>
}

/**
 * Seals a file without holding it: one pass learns size and hashes, later passes write any range again.
 *
 * The same chunk sealed twice under one nonce must hold the same bytes, or both would leak; so the Poly1305
 * tag of every chunk is kept (16 bytes per 64 KiB) and a file that changed on disk is refused before
 * anything of it leaves.
 */
export async function sealBlob(
    purpose: Purpose,
    org: string,
    caseId: Uint8Array,
    blob: Blob,
    recipients: readonly string[],
    options: SealOptions = {},
): Promise<SealedBlob> {
    const prefix = prefixOf(purpose, org, caseId, blob.size)
    const total = paddedSize(purpose, prefix.length + blob.size)
    const file = new BlobFile(blob, prefix, total, await envelope(recipients))
    await file.measure(options)
    return file
}

class BlobFile implements SealedBlob {
    readonly size: number
    readonly plainSize: number
    sha256 = new Uint8Array(0)
    plainSha256 = new Uint8Array(0)
    private readonly count: number
    private readonly tags: Uint8Array[] = []
    private held: { index: number; bytes: Uint8Array } | undefined

    constructor(
        private readonly blob: Blob,
        private readonly prefix: Uint8Array,
        private readonly total: number,
        private readonly envelope: Envelope,
    ) {
        this.plainSize = blob.size
        this.size = envelope.head.length + streamSize(total)
        this.count = Math.ceil(total / CHUNK)
    }

    async measure({ onProgress, signal }: SealOptions): Promise<void> {
        const sealedHash = hasher()
        const plainHash = hasher()
        sealedHash.update(this.envelope.head)
        for (let from = 0; from < this.total; from += SLICE) {
            if (signal?.aborted === true) throw new Stopped()
            const plain = await this.plain(from, Math.min(SLICE, this.total - from))
            const start = Math.max(0, this.prefix.length - from)
            const end = Math.min(plain.length, this.prefix.length + this.plainSize - from)
            if (end > start) plainHash.update(plain.subarray(start, end))
            for (let at = 0; at < plain.length; at += CHUNK) {
                const chunk = this.sealed((from + at) / CHUNK, plain.subarray(at, at + CHUNK))
                this.tags.push(tagOf(chunk).slice())
                sealedHash.update(chunk)
            }
            onProgress?.(Math.min(from + SLICE, this.total), this.total)
        }
        this.sha256 = Uint8Array.from(sealedHash.digest())
        this.plainSha256 = Uint8Array.from(plainHash.digest())
    }

    async read(offset: number, length: number): Promise<Uint8Array> {
        const end = Math.min(offset + length, this.size)
        const pieces: Uint8Array[] = []
        const { head } = this.envelope
        let at = offset
        if (at < Math.min(end, head.length)) {
            pieces.push(head.subarray(at, Math.min(end, head.length)))
            at = head.length
        }
        while (at < end) {
            const index = Math.floor((at - head.length) / (CHUNK + TAG))
            const start = head.length + index * (CHUNK + TAG)
            const chunk = await this.chunk(index)
            pieces.push(chunk.subarray(at - start, Math.min(end - start, chunk.length)))
            at = start + chunk.length
        }
        return concat(...pieces)
    }

    async *chunks(chunkSize = 1_048_576, from = 0): AsyncGenerator<Uint8Array> {
        for (let at = from; at < this.size; at += chunkSize) yield await this.read(at, chunkSize)
    }

    private async chunk(index: number): Promise<Uint8Array> {
        if (this.held?.index === index) return this.held.bytes
        const from = index * CHUNK
        const bytes = this.sealed(index, await this.plain(from, Math.min(CHUNK, this.total - from)))
        if (!equal(tagOf(bytes), this.tags[index] as Uint8Array)) throw new Refused("file-changed")
        this.held = { index, bytes }
        return bytes
    }

    private sealed(index: number, plain: Uint8Array): Uint8Array {
        return sealChunk(this.envelope.streamKey, index, index === this.count - 1, plain)
    }

    /** Bytes of header || payload || zeros. */
    private async plain(from: number, length: number): Promise<Uint8Array> {
        const out = new Uint8Array(length)
        if (from < this.prefix.length) out.set(this.prefix.subarray(from, from + length))
        const start = Math.max(from - this.prefix.length, 0)
        const end = Math.min(from + length - this.prefix.length, this.plainSize)
        if (end > start) out.set(await slice(this.blob, start, end), start + this.prefix.length - from)
        return out
    }
}

function tagOf(chunk: Uint8Array): Uint8Array {
    return chunk.subarray(chunk.length - TAG)
}

async function slice(blob: Blob, start: number, end: number): Promise<Uint8Array> {
    let bytes: Uint8Array
    try {
        bytes = new Uint8Array(await blob.slice(start, end).arrayBuffer())
    } catch {
        // Browsers refuse to read a picked file that was changed, moved or deleted meanwhile.
        throw new Refused("file-changed")
    }
    if (bytes.length !== end - start) throw new Refused("file-changed")
    return bytes
}

async function* bytesOf(source: Source): AsyncGenerator<Uint8Array> {
    if (typeof Blob === "function" && source instanceof Blob) {
        for (let at = 0; at < source.size; at += SLICE) yield await slice(source, at, Math.min(at + SLICE, source.size))
        return
    }
    if ("getReader" in source) {
        // Safari has no async iteration over ReadableStream.
        const reader = source.getReader()
        try {
            for (;;) {
                const { done, value } = await reader.read()
                if (done) return
                yield value
            }
        } finally {
            void reader.cancel().catch(() => undefined)
        }
    }
    yield* source as AsyncIterable<Uint8Array>
}

/** Reads an iterable by lengths instead of by its own pieces. */
class Pieces {
    private readonly source: AsyncIterator<Uint8Array>
    private held: Uint8Array[] = []
    private length = 0
    private done = false

    constructor(source: AsyncIterable<Uint8Array>) {
        this.source = source[Symbol.asyncIterator]()
    }

    private async more(): Promise<boolean> {
        if (this.done) return false
        let step: IteratorResult<Uint8Array, unknown>
        try {
            step = await this.source.next()
        } catch (error) {
            if (error instanceof CoreError) throw error
            throw new CannotOpen("interrupted")
        }
        if (step.done === true) {
            this.done = true
            return false
        }
        this.held.push(step.value)
        this.length += step.value.length
        return true
    }

    async ended(): Promise<boolean> {
        while (this.length === 0) if (!(await this.more())) return true
        return false
    }

    /** `n` bytes, or fewer at the end. */
    async upTo(n: number): Promise<Uint8Array> {
        while (this.length < n) if (!(await this.more())) break
        const out = new Uint8Array(Math.min(n, this.length))
        for (let at = 0; at < out.length; ) {
            const first = this.held[0] as Uint8Array
            const part = first.subarray(0, out.length - at)
            out.set(part, at)
            at += part.length
            if (part.length === first.length) this.held.shift()
            else this.held[0] = first.subarray(part.length)
        }
        this.length -= out.length
        return out
    }

    /** Throws CannotOpen "cut-short". */
    async exactly(n: number): Promise<Uint8Array> {
        const bytes = await this.upTo(n)
        if (bytes.length < n) throw new CannotOpen("cut-short")
        return bytes
    }

    /** The next piece as it comes; undefined at the end. */
    async some(): Promise<Uint8Array | undefined> {
        if (await this.ended()) return undefined
        const first = this.held.shift() as Uint8Array
        this.length -= first.length
        return first.length > 0 ? first : this.some()
    }

    /** What `find` makes of the bytes so far, which stay. Throws CannotOpen "cut-short". */
    async until<T>(find: (bytes: Uint8Array) => T | undefined): Promise<T> {
        for (;;) {
            const bytes = concat(...this.held)
            this.held = [bytes]
            const found = find(bytes)
            if (found !== undefined) return found
            if (!(await this.more())) throw new CannotOpen("cut-short")
        }
    }
}
