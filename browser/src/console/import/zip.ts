/**
 * Reads a ZIP archive in memory, by its central directory, for GlobaLeaks' exports.
 *
 * No ZIP64, no encryption, no archive in several parts; names are kept as they are and never used as paths.
 */
import { Malformed } from "../../core/errors.ts"

export interface ZipEntry {
    readonly name: string
    /** Inflated. */
    readonly size: number
    /** Throws Malformed "bad-zip". */
    bytes(): Promise<Uint8Array>
}

const END = 0x06054b50
const CENTRAL = 0x02014b50
const LOCAL = 0x04034b50
const END_SIZE = 22
const MOST_ENTRIES = 1000
const MOST_INFLATED = 1024 * 1024 * 1024
const STORED = 0
const DEFLATED = 8

/** Throws Malformed "bad-zip". */
export function readZip(data: Uint8Array): ZipEntry[] {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
    const end = endOf(view)
    const count = view.getUint16(end + 10, true)
    let at = view.getUint32(end + 16, true)
    if (count > MOST_ENTRIES || view.getUint16(end + 4, true) !== 0) fail()
    const entries: ZipEntry[] = []
    let inflated = 0
    for (let i = 0; i < count; i++) {
        if (at + 46 > view.byteLength || view.getUint32(at, true) !== CENTRAL) fail()
        const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)]
        const [crc, packed, size] = [view.getUint32(at + 16, true), view.getUint32(at + 20, true), view.getUint32(at + 24, true)]
        const [named, extra, comment] = [view.getUint16(at + 28, true), view.getUint16(at + 30, true), view.getUint16(at + 32, true)]
        const local = view.getUint32(at + 42, true)
        inflated += size
        if ((flags & 1) !== 0 || inflated > MOST_INFLATED || (method !== STORED && method !== DEFLATED)) fail()
        const name = new TextDecoder().decode(data.subarray(at + 46, at + 46 + named))
        if (!name.endsWith("/")) entries.push({ name, size, bytes: () => inflate(data, { local, packed, size, method, crc }) })
        at += 46 + named + extra + comment
    }
    return entries
}

function endOf(view: DataView): number {
    for (let at = view.byteLength - END_SIZE; at >= Math.max(0, view.byteLength - END_SIZE - 65_535); at--) {
        if (view.getUint32(at, true) === END) return at
    }
    return fail()
}

interface Where {
    readonly local: number
    readonly packed: number
    readonly size: number
    readonly method: number
    readonly crc: number
}

async function inflate(data: Uint8Array, { local, packed, size, method, crc }: Where): Promise<Uint8Array> {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
    if (local + 30 > data.length || view.getUint32(local, true) !== LOCAL) fail()
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true)
    const raw = data.subarray(start, start + packed)
    if (raw.length !== packed) fail()
    const found = method === STORED ? raw : await inflated(raw, size)
    if (found.length !== size || crc32(found) !== crc) fail()
    return found
}

/** Stops at more than was announced: an archive must not fill the memory. */
async function inflated(raw: Uint8Array, size: number): Promise<Uint8Array> {
    const stream = new Blob([raw as BlobPart]).stream().pipeThrough(new DecompressionStream("deflate-raw"))
    const reader = stream.getReader()
    const out = new Uint8Array(size)
    let at = 0
    try {
        for (;;) {
            const { done, value } = await reader.read()
            if (done) break
            if (at + value.length > size) fail()
            out.set(value, at)
            at += value.length
        }
    } catch (error) {
        void reader.cancel().catch(() => undefined)
        if (error instanceof Malformed) throw error
        fail()
    }
    return out.subarray(0, at)
}

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
    let c = n
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
    return c >>> 0
})

export function crc32(bytes: Uint8Array): number {
    let c = 0xffffffff
    for (const byte of bytes) c = ((TABLE[(c ^ byte) & 255] as number) ^ (c >>> 8)) >>> 0
    return (c ^ 0xffffffff) >>> 0
}

function fail(): never {
    throw new Malformed("bad-zip")
}
