/**
 * Watches the organisation's public log from the handlers' desks (PROTOCOLS 2.3, 5).
 *
 * - the checkpoint is signed by the log's key, and the tree it names has the one we saw last time as its beginning
 * - both roots are computed from the tiles that the server publishes
 * - every entry is hashed and must stand in the lowest tiles; those of type `roster.updated` are opened, and must name
 *   a roster of the chain that is shown to us
 */
import { b64url, concat, equal, parseJson, sha256, text as textOf, unb64url, utf8 } from "../core/bytes.ts"
import { CoreError, Refused } from "../core/errors.ts"
import { leafHash, parseLeaf } from "../core/leaf.ts"
import { parseCheckpoint, verifyCheckpoint, verifyReceipt, type Policy } from "../core/receipt.ts"

const WIDTH = 256
const HASH = 32
/** Bundles of entries read in one go; the rest follows at the next look. */
const MOST_BUNDLES = 200

/** What a console keeps between sessions; nothing of it is secret. */
export interface SeenLog {
    readonly size: number
    readonly root: string
    /** Entries below this index have been looked at. */
    readonly read: number
}

export interface LogAddress {
    text(path: string): Promise<string>
    bytes(path: string): Promise<Uint8Array>
}

export interface LogLook {
    readonly seen: SeenLog
    /** SHA-256 (base64url) of roster texts that the log names. */
    readonly rosters: readonly { readonly index: number; readonly number: number; readonly roster: string }[]
}

/**
 * Looks at what is new in the log since `before`.
 *
 * Throws Refused "log-shrank", "log-forked", "bad-tile" or "bad-entry", and what the receipts' checks throw.
 */
export async function lookAtLog(at: LogAddress, policy: Policy, org: string, before: SeenLog | null): Promise<LogLook> {
    const checkpoint = parseCheckpoint(await at.text("checkpoint"))
    verifyCheckpoint(checkpoint, policy)
    const tiles = new Tiles(at, checkpoint.size)
    if (checkpoint.size > 0 && !equal(await tiles.root(checkpoint.size), checkpoint.root)) throw new Refused("bad-tile")
    if (before !== null) await checkBefore(tiles, before, checkpoint.size)
    const from = before?.read ?? 0
    const until = Math.min(checkpoint.size, (Math.floor(from / WIDTH) + MOST_BUNDLES) * WIDTH)
    const rosters = []
    for (let bundle = Math.floor(from / WIDTH); bundle * WIDTH < until; bundle++) {
        for (const [i, leaf] of (await tiles.entries(bundle)).entries()) {
            const index = bundle * WIDTH + i
            if (index < from || parseLeaf(leaf).type !== "roster.updated") continue
            rosters.push(await openRosterLeaf(at, policy, org, index, leaf))
        }
    }
    return { seen: { size: checkpoint.size, root: b64url(checkpoint.root), read: until }, rosters }
}

async function checkBefore(tiles: Tiles, before: SeenLog, size: number): Promise<void> {
    if (size < before.size) throw new Refused("log-shrank")
    if (before.size > 0 && !equal(await tiles.root(before.size), unb64url(before.root, HASH))) throw new Refused("log-forked")
}

async function openRosterLeaf(at: LogAddress, policy: Policy, org: string, index: number, leaf: string) {
    const receipt = verifyReceipt(await at.text(`public/${index}`), policy, { org, type: "roster.updated" })
    if (receipt.leafText !== leaf || receipt.index !== index) throw new Refused("bad-entry")
    const payload = parseJson(receipt.payload) as { number?: unknown; roster?: unknown }
    if (typeof payload.roster !== "string" || typeof payload.number !== "number") throw new Refused("bad-entry")
    return { index, number: payload.number, roster: payload.roster }
}

/** The tiles of a tree of `size` leaves (c2sp.org/tlog-tiles), each fetched once. */
class Tiles {
    private readonly held = new Map<string, Uint8Array>()

    constructor(
        private readonly at: LogAddress,
        private readonly size: number,
    ) {}

    /** The root of the first `size` leaves: the complete subtrees it is made of, joined from the right. */
    async root(size: number): Promise<Uint8Array> {
        const parts: Uint8Array[] = []
        let start = 0
        for (let height = 53; height >= 0; height--) {
            const span = 2 ** height
            if (size - start < span) continue
            parts.push(await this.node(height, start / span))
            start += span
        }
        return parts.reduceRight((right, left) => parent(left, right))
    }

    /** The node `index` of this height: 2^height leaves below it. */
    private async node(height: number, index: number): Promise<Uint8Array> {
        const level = Math.floor(height / 8)
        const inside = height % 8
        const width = 2 ** inside
        const first = index * width
        const tile = await this.tile(level, Math.floor(first / WIDTH))
        const offset = first % WIDTH
        let row = Array.from({ length: width }, (_, i) => tile.subarray((offset + i) * HASH, (offset + i + 1) * HASH))
        while (row.length > 1) row = row.filter((_, i) => i % 2 === 0).map((left, i) => parent(left, row[2 * i + 1] as Uint8Array))
        return row[0] as Uint8Array
    }

    private async tile(level: number, number: number): Promise<Uint8Array> {
        const inLevel = Math.floor(this.size / WIDTH ** level)
        const width = Math.min(WIDTH, inLevel - number * WIDTH)
        const path = `tile/${level}/${tilePath(number, width)}`
        const bytes = await this.bytes(path)
        if (width < 1 || bytes.length !== width * HASH) throw new Refused("bad-tile")
        return bytes
    }

    /** The leaves of one bundle, each checked against its hash in the tree. */
    async entries(bundle: number): Promise<string[]> {
        const width = Math.min(WIDTH, this.size - bundle * WIDTH)
        const [data, hashes] = await Promise.all([this.bytes(`tile/entries/${tilePath(bundle, width)}`), this.tile(0, bundle)])
        const entries = splitBundle(data)
        if (entries.length !== width) throw new Refused("bad-tile")
        return entries.map((entry, i) => {
            const leaf = leafText(entry)
            if (!equal(leafHash(leaf), hashes.subarray(i * HASH, (i + 1) * HASH))) throw new Refused("bad-entry")
            return leaf
        })
    }

    private async bytes(path: string): Promise<Uint8Array> {
        const held = this.held.get(path)
        if (held !== undefined) return held
        const bytes = await this.at.bytes(path)
        this.held.set(path, bytes)
        return bytes
    }
}

function leafText(entry: Uint8Array): string {
    try {
        return textOf(entry)
    } catch (error) {
        if (error instanceof CoreError) throw new Refused("bad-entry")
        throw error
    }
}

function parent(left: Uint8Array, right: Uint8Array): Uint8Array {
    return sha256(concat(Uint8Array.of(1), left, right))
}

/** Entries stand behind their length in two bytes. Throws Refused "bad-tile". */
export function splitBundle(data: Uint8Array): Uint8Array[] {
    const entries: Uint8Array[] = []
    let at = 0
    while (at < data.length) {
        const length = at + 2 <= data.length ? ((data[at] as number) << 8) | (data[at + 1] as number) : Infinity
        if (at + 2 + length > data.length) throw new Refused("bad-tile")
        entries.push(data.subarray(at + 2, at + 2 + length))
        at += 2 + length
    }
    return entries
}

/** "x001/x234/067", and ".p/17" behind it for a tile that is not full. */
export function tilePath(number: number, width: number): string {
    const digits = String(number).padStart(Math.ceil(String(number).length / 3) * 3, "0")
    const parts = digits.match(/.{3}/g) as string[]
    const path = parts.map((part, i) => (i < parts.length - 1 ? `x${part}` : part)).join("/")
    return width < WIDTH ? `${path}.p/${width}` : path
}

/** For tests and the fake log: one bundle of entries. */
export function joinBundle(leaves: readonly string[]): Uint8Array {
    return concat(...leaves.map((leaf) => concat(Uint8Array.of(utf8(leaf).length >> 8, utf8(leaf).length & 255), utf8(leaf))))
}
