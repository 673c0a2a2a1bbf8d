/**
 * Metadata in pictures: what a JPEG, PNG or WebP carries beside its image, and the same file without it.
 *
 * The lists below say what may STAY; everything else goes, known or not. That is why a new kind of
 * metadata needs no change here.
 *
 * Sources: JPEG ITU-T T.81 Annex B; PNG third edition, chunks; WebP RFC 9649; TIFF 6.0 and Exif 2.32
 * for the orientation and the tags that are only named, never kept.
 */
import { FileError } from "./errors.ts"

/** What was found, in words that a page can say. */
export type Found = "place" | "device" | "time" | "text" | "preview" | "profile" | "more"

export interface Stripped {
    bytes: Uint8Array
    found: Found[]
    /** 1 to 8, as Exif counts; 1 where none was written. */
    orientation: number
}

export type Picture = "image/jpeg" | "image/png" | "image/webp"

/** The picture without anything but its image. Throws FileError "unreadable" if the bytes are not such a picture. */
export function strip(bytes: Uint8Array, type: Picture): Stripped {
    const found = new Set<Found>()
    const state: State = { bytes, found, orientation: 1, kept: [] }
    if (type === "image/jpeg") jpeg(state)
    else if (type === "image/png") png(state)
    else webp(state)
    return { bytes: join(state.kept), found: [...found].sort(), orientation: state.orientation }
}

/**
 * Throws FileError "not-clean" if anything but the image is in these bytes.
 *
 * A second, plain scan beside the first: the markers that Exif, XMP, IPTC and text chunks begin with
 * are looked for outside the compressed image.
 */
export function assertClean(bytes: Uint8Array, type: Picture): void {
    const again = strip(bytes, type)
    if (again.found.length > 0 || again.bytes.length !== bytes.length) throw new FileError("not-clean")
}

/** Width and height in pixels as the header says, before anything is decoded; null if it does not say. */
export function sizeOf(bytes: Uint8Array, type: Picture): { width: number; height: number } | null {
    const view = viewOf(bytes)
    if (type === "image/png") {
        return bytes.length < 24 ? null : { width: view.getUint32(16), height: view.getUint32(20) }
    }
    if (type === "image/webp") return webpSize(bytes, view)
    let at = 2
    while (at + 9 < bytes.length && bytes[at] === 0xff) {
        const marker = bytes[at + 1] as number
        const frame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
        if (frame) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) }
        at += 2 + view.getUint16(at + 2)
    }
    return null
}

interface State {
    bytes: Uint8Array
    found: Set<Found>
    orientation: number
    kept: Uint8Array[]
}

const EXIF = "Exif\0\0"

function jpeg(state: State): void {
    const { bytes } = state
    if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw new FileError("unreadable")
    state.kept.push(bytes.subarray(0, 2))
    let at = 2
    for (;;) {
        if (bytes[at] !== 0xff) throw new FileError("unreadable")
        const marker = bytes[at + 1]
        if (marker === undefined) throw new FileError("unreadable")
        if (marker === 0xff) {
            at += 1 // fill bytes are allowed before a marker
            continue
        }
        if (marker === 0xd9) {
            state.kept.push(bytes.subarray(at, at + 2))
            // Phones append films and depth maps behind the picture's end.
            if (bytes.length > at + 2) state.found.add("more")
            return
        }
        const length = at + 3 < bytes.length ? viewOf(bytes).getUint16(at + 2) : 0
        const end = at + 2 + length
        if (length < 2 || end > bytes.length) throw new FileError("unreadable")
        if (staysInJpeg(bytes, marker, at, end)) state.kept.push(bytes.subarray(at, end))
        else noteSegment(state, marker, at + 4, end)
        at = end
        if (marker === 0xda) {
            const stop = endOfScan(bytes, at)
            state.kept.push(bytes.subarray(at, stop))
            at = stop
        }
    }
}

/** Tables, frames and scans stay; of the application segments only a bare JFIF header and Adobe's colour mark. */
function staysInJpeg(bytes: Uint8Array, marker: number, at: number, end: number): boolean {
    if (marker === 0xe0) {
        // A JFIF header of 16 bytes has no preview in it (the last two bytes count its pixels).
        return end - at === 18 && ascii(bytes, at + 4, 5) === "JFIF\0" && bytes[end - 1] === 0 && bytes[end - 2] === 0
    }
    if (marker === 0xee) return end - at === 16 && ascii(bytes, at + 4, 5) === "Adobe"
    return marker < 0xe0 && marker >= 0xc0
}

function noteSegment(state: State, marker: number, from: number, end: number): void {
    const { bytes, found } = state
    if (marker === 0xe1 && ascii(bytes, from, 6) === EXIF) noteExif(state, bytes.subarray(from + 6, end))
    else if (marker === 0xe1) found.add("text")
    else if (marker === 0xfe || marker === 0xed) found.add("text")
    else if (marker === 0xe0) found.add("preview")
    else if (marker === 0xe2 && ascii(bytes, from, 11) === "ICC_PROFILE") found.add("profile")
    else found.add("more")
}

/** The first marker behind the entropy-coded data: 0xff followed by anything but a stuffed zero or a restart. */
function endOfScan(bytes: Uint8Array, from: number): number {
    let at = from
    for (;;) {
        at = bytes.indexOf(0xff, at)
        if (at < 0 || at + 1 >= bytes.length) throw new FileError("unreadable")
        const next = bytes[at + 1] as number
        if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at
        at += next === 0xff ? 1 : 2
    }
}

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
/** acTL, fcTL and fdAT make an animation: that is image, too. */
const PNG_STAYS = new Set(["IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB", "sBIT", "acTL", "fcTL", "fdAT"])

function png(state: State): void {
    const { bytes, found } = state
    if (!PNG_SIGNATURE.every((byte, i) => bytes[i] === byte)) throw new FileError("unreadable")
    state.kept.push(bytes.subarray(0, 8))
    const view = viewOf(bytes)
    let at = 8
    for (;;) {
        if (at + 12 > bytes.length) throw new FileError("unreadable")
        const length = view.getUint32(at)
        const end = at + 12 + length
        if (end > bytes.length) throw new FileError("unreadable")
        const name = ascii(bytes, at + 4, 4)
        if (PNG_STAYS.has(name)) state.kept.push(bytes.subarray(at, end))
        else if (name === "eXIf") noteExif(state, bytes.subarray(at + 8, end - 4))
        else if (name === "tEXt" || name === "zTXt" || name === "iTXt") found.add("text")
        else if (name === "tIME") found.add("time")
        else if (name === "iCCP") found.add("profile") // a screen's profile names the screen
        else found.add("more")
        at = end
        if (name === "IEND") break
    }
    if (at < bytes.length) found.add("more")
}

const WEBP_STAYS = new Set(["VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF"])
/** In VP8X: ICC profile, Exif, XMP. */
const WEBP_FLAGS_GONE = 0x20 | 0x08 | 0x04

function webp(state: State): void {
    const { bytes, found } = state
    if (ascii(bytes, 0, 4) !== "RIFF" || ascii(bytes, 8, 4) !== "WEBP") throw new FileError("unreadable")
    const view = viewOf(bytes)
    const stop = 8 + view.getUint32(4, true)
    if (stop > bytes.length) throw new FileError("unreadable")
    if (stop < bytes.length) found.add("more")
    const chunks: Uint8Array[] = []
    let at = 12
    while (at + 8 <= stop) {
        const length = view.getUint32(at + 4, true)
        const end = at + 8 + length + (length % 2)
        if (end > stop) throw new FileError("unreadable")
        const name = ascii(bytes, at, 4)
        if (name === "VP8X") chunks.push(withoutFlags(bytes.slice(at, end)))
        else if (WEBP_STAYS.has(name)) chunks.push(bytes.subarray(at, end))
        else if (name === "EXIF") noteExif(state, bytes.subarray(exifBody(bytes, at + 8), end))
        else if (name === "XMP ") found.add("text")
        else if (name === "ICCP") found.add("profile")
        else found.add("more")
        at = end
    }
    const head = bytes.slice(0, 12)
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 4)
    viewOf(head).setUint32(4, length, true)
    state.kept.push(head, ...chunks)
}

function withoutFlags(chunk: Uint8Array): Uint8Array {
    chunk[8] = (chunk[8] as number) & ~WEBP_FLAGS_GONE
    return chunk
}

/** Some writers put "Exif\0\0" before the TIFF header in WebP, too. */
function exifBody(bytes: Uint8Array, from: number): number {
    return ascii(bytes, from, 6) === EXIF ? from + 6 : from
}

function webpSize(bytes: Uint8Array, view: DataView): { width: number; height: number } | null {
    const name = ascii(bytes, 12, 4)
    if (bytes.length < 30) return null
    const three = (at: number) => view.getUint16(at, true) | ((bytes[at + 2] as number) << 16)
    if (name === "VP8X") return { width: three(24) + 1, height: three(27) + 1 }
    if (name === "VP8 ") return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
    if (name !== "VP8L") return null
    const bits = view.getUint32(21, true)
    return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 }
}

const ORIENTATION = 0x0112
const GPS = 0x8825
const EXIF_TAGS: ReadonlyMap<number, Found> = new Map([
    [GPS, "place"],
    [0x010f, "device"],
    [0x0110, "device"],
    [0x0131, "device"],
    [0x0132, "time"],
    [0x013b, "text"],
    [0x8298, "text"],
    [0x010e, "text"],
])

/** Names what an Exif block tells; reads nothing out of it but the orientation. Broken blocks are "more". */
function noteExif(state: State, tiff: Uint8Array): void {
    state.found.add("more")
    if (tiff.length < 8) return
    const little = ascii(tiff, 0, 2) === "II"
    const view = viewOf(tiff)
    const first = view.getUint32(4, little)
    if (first + 2 > tiff.length) return
    const count = view.getUint16(first, little)
    const named = new Set<Found>()
    for (let i = 0; i < count && first + 14 + 12 * i <= tiff.length; i++) {
        const entry = first + 2 + 12 * i
        const tag = view.getUint16(entry, little)
        const what = EXIF_TAGS.get(tag)
        if (what) named.add(what)
        if (tag === ORIENTATION) {
            const value = view.getUint16(entry + 8, little)
            if (value >= 1 && value <= 8) state.orientation = value
        }
    }
    const next = first + 2 + 12 * count
    if (next + 4 <= tiff.length && view.getUint32(next, little) !== 0) named.add("preview")
    if (named.size > 0) state.found.delete("more")
    for (const what of named) state.found.add(what)
}

function ascii(bytes: Uint8Array, from: number, length: number): string {
    return String.fromCharCode(...bytes.subarray(from, from + length))
}

function viewOf(bytes: Uint8Array): DataView {
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function join(parts: readonly Uint8Array[]): Uint8Array {
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of parts) {
        whole.set(part, at)
        at += part.length
    }
    return whole
}
