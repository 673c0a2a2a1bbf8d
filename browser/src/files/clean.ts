/**
 * Takes out of a file what could tell who made it, where and with what, before it is sealed.
 *
 * Pictures are drawn anew on a canvas, so that only what can be seen is left; then a plain scan of the
 * bytes makes sure (metadata.ts). Where a browser blocks or spoils canvas drawing (Tor Browser does, and
 * a picture can be too large for an old phone), the metadata is cut out of the bytes instead and the image
 * stays as it was. Everything else is returned untouched with the reason, and the page warns.
 *
 * Names: replaced by a neutral one ("photo-1.jpg") unless kept on purpose.
 */
import { FileError } from "./errors.ts"
import { type Found, type Picture, assertClean, sizeOf, strip } from "./metadata.ts"
import { HEAD, type Kind, type Sniffed, sniff } from "./sniff.ts"

export type { Found } from "./metadata.ts"
export { FileError } from "./errors.ts"
export { type Kind, sniff } from "./sniff.ts"

/** "cleaned", or why the file stayed as it was. */
export type Reason = "cleaned" | "pdf" | "office" | "sound" | "video" | "drawing" | "picture-unreadable" | "other"

export interface Cleaned {
    blob: Blob
    name: string
    type: string
    kind: Kind
    reason: Reason
    /** It had more pixels than an old phone can draw, and was made smaller. */
    smaller: boolean
    /** It moved, and only its first picture was kept. */
    firstFrame: boolean
    removed: readonly Found[]
}

/** The word that a neutral name begins with, one for each kind; pages give them in their language. */
export type NeutralNames = Readonly<Record<Kind, string>>

const ENGLISH: NeutralNames = { picture: "photo", sound: "sound", video: "video", document: "document", other: "file" }

export interface CleanOptions {
    /** Counts the person's files from 1; stands in the neutral name. */
    number: number
    keepName?: boolean
    names?: NeutralNames
    signal?: AbortSignal
}

/** What Safari on a phone draws at most; half of it where the browser says that memory is short. */
const MOST_PIXELS = 16_777_216
const MOST_SIDE = 16_384
/** Above this a phone may die of decoding it. */
const NEVER_DECODE = 80_000_000
const LARGEST_PICTURE = 60 * 1024 * 1024
const JPEG_QUALITY = 0.92

/** Throws FileError "unreadable", "not-clean" or "stopped". */
export async function clean(file: Blob & { readonly name?: string }, options: CleanOptions): Promise<Cleaned> {
    const seen = sniff(await read(file.slice(0, HEAD)), file.name)
    stopIf(options.signal)
    if (seen.treatment !== "canvas") return untouched(file, seen, seen.treatment, options)
    if (file.size > LARGEST_PICTURE) return untouched(file, seen, "picture-unreadable", options)
    const drawn = await picture(await read(file), seen)
    stopIf(options.signal)
    if (!drawn) return untouched(file, seen, "picture-unreadable", options)
    const ending = drawn.type === "image/png" ? "png" : drawn.type === "image/webp" ? "webp" : "jpg"
    return {
        blob: new Blob([drawn.bytes as BlobPart], { type: drawn.type }),
        name: nameFor(file.name, { ...seen, ending }, options),
        type: drawn.type,
        kind: "picture",
        reason: "cleaned",
        smaller: drawn.smaller,
        firstFrame: drawn.firstFrame,
        removed: drawn.found,
    }
}

/** "photo-1.jpg". */
export function neutralName(kind: Kind, number: number, ending: string, names: NeutralNames = ENGLISH): string {
    return `${names[kind]}-${number}${ending ? "." + ending : ""}`
}

function untouched(file: Blob & { readonly name?: string }, seen: Sniffed, reason: Reason, options: CleanOptions): Cleaned {
    const name = nameFor(file.name, seen, options)
    return { blob: file, name, type: seen.type, kind: seen.kind, reason, smaller: false, firstFrame: false, removed: [] }
}

function nameFor(given: string | undefined, seen: Pick<Sniffed, "kind" | "ending">, options: CleanOptions): string {
    if (!options.keepName || !given) return neutralName(seen.kind, options.number, seen.ending, options.names)
    const bare = given.replace(/[\u0000-\u001f\u007f/\\:*?"<>|\u202a-\u202e\u2066-\u2069]/g, "").replace(/\.[A-Za-z0-9]{1,8}$/, "")
    return `${bare.slice(0, 80) || neutralName(seen.kind, options.number, "", options.names)}${seen.ending ? "." + seen.ending : ""}`
}

interface Drawn {
    bytes: Uint8Array
    type: Picture
    smaller: boolean
    firstFrame: boolean
    found: readonly Found[]
}

const STRIPPABLE: ReadonlySet<string> = new Set(["image/jpeg", "image/png", "image/webp"])

/** The picture anew, or null where this browser can't read it. */
async function picture(bytes: Uint8Array, seen: Sniffed): Promise<Drawn | null> {
    const known = STRIPPABLE.has(seen.type) ? (seen.type as Picture) : null
    // Without its Exif a picture decodes the same way everywhere; the turn is then made here.
    const bare = known ? stripOrNull(bytes, known) : null
    const size = known ? sizeOf(bytes, known) : null
    const pixels = size ? size.width * size.height : 0
    const firstFrame = moves(bytes, seen.type)
    // Words on a screenshot must stay legible: a PNG is never made smaller.
    const asItIs = pixels > NEVER_DECODE || (seen.type === "image/png" && pixels > mostPixels())
    const drawn = asItIs || !canDraw() ? null : await redraw(bare?.bytes ?? bytes, seen.type, bare?.orientation ?? 1)
    if (drawn) {
        const again = strip(drawn.bytes, drawn.type)
        assertClean(again.bytes, drawn.type)
        return { ...drawn, bytes: again.bytes, firstFrame, found: bare?.found ?? ["more"] }
    }
    if (!bare || !known) return null
    assertClean(bare.bytes, known)
    const turned = known === "image/jpeg" && bare.orientation !== 1 ? withTurn(bare.bytes, bare.orientation) : bare.bytes
    return { bytes: turned, type: known, smaller: false, firstFrame: false, found: bare.found }
}

function stripOrNull(bytes: Uint8Array, type: Picture): ReturnType<typeof strip> | null {
    try {
        return strip(bytes, type)
    } catch (fault) {
        if (fault instanceof FileError) return null // cut off or broken: perhaps the browser still draws it
        throw fault
    }
}

/** Draws it on a canvas, turned upright. Null where the browser can't. */
async function redraw(bytes: Uint8Array, type: string, orientation: number): Promise<Omit<Drawn, "found" | "firstFrame"> | null> {
    const image = await decode(new Blob([bytes as BlobPart], { type }))
    if (!image) return null
    const scale = Math.min(1, Math.sqrt(mostPixels() / (image.width * image.height)), MOST_SIDE / Math.max(image.width, image.height))
    const width = Math.max(1, Math.floor(image.width * scale))
    const height = Math.max(1, Math.floor(image.height * scale))
    const sideways = orientation >= 5
    const canvas = document.createElement("canvas")
    canvas.width = sideways ? height : width
    canvas.height = sideways ? width : height
    try {
        const pen = canvas.getContext("2d")
        if (!pen) return null
        const see = type === "image/png" || type === "image/gif" || (type === "image/webp" && (await seesThrough(image)))
        const out: Picture = see ? "image/png" : "image/jpeg"
        if (out === "image/jpeg") {
            pen.fillStyle = "#fff"
            pen.fillRect(0, 0, canvas.width, canvas.height)
        }
        turn(pen, orientation, width, height)
        pen.drawImage(image.source, 0, 0, width, height)
        const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, out, JPEG_QUALITY))
        if (!blob || blob.type !== out) return null
        return { bytes: await read(blob), type: out, smaller: scale < 1 }
    } finally {
        image.close()
        canvas.width = canvas.height = 0 // Safari frees the pixels only then
    }
}

/** The eight ways in which a camera is held (Exif 2.32, tag 0x0112), for an image of width by height. */
function turn(pen: CanvasRenderingContext2D, orientation: number, width: number, height: number): void {
    if (orientation === 2) pen.setTransform(-1, 0, 0, 1, width, 0)
    else if (orientation === 3) pen.setTransform(-1, 0, 0, -1, width, height)
    else if (orientation === 4) pen.setTransform(1, 0, 0, -1, 0, height)
    else if (orientation === 5) pen.setTransform(0, 1, 1, 0, 0, 0)
    else if (orientation === 6) pen.setTransform(0, 1, -1, 0, height, 0)
    else if (orientation === 7) pen.setTransform(0, -1, -1, 0, height, width)
    else if (orientation === 8) pen.setTransform(0, -1, 1, 0, 0, width)
}

interface Image {
    source: CanvasImageSource
    width: number
    height: number
    close(): void
}

async function decode(blob: Blob): Promise<Image | null> {
    if (typeof createImageBitmap === "function") {
        try {
            const bitmap = await createImageBitmap(blob)
            return { source: bitmap, width: bitmap.width, height: bitmap.height, close: () => bitmap.close() }
        } catch {
            // Some browsers draw in <img> what they refuse here (HEIC in Safari).
        }
    }
    const address = URL.createObjectURL(blob)
    const element = document.createElement("img")
    const loaded = new Promise<boolean>((done) => {
        element.onload = () => done(true)
        element.onerror = () => done(false)
    })
    element.src = address
    if (!(await loaded) || element.naturalWidth === 0) {
        URL.revokeObjectURL(address)
        return null
    }
    const close = () => URL.revokeObjectURL(address)
    return { source: element, width: element.naturalWidth, height: element.naturalHeight, close }
}

/** Whether any part of it lets the ground show; looked at in small. */
async function seesThrough(image: Image): Promise<boolean> {
    const small = document.createElement("canvas")
    small.width = small.height = 96
    const pen = small.getContext("2d")
    if (!pen) return true
    pen.drawImage(image.source, 0, 0, 96, 96)
    const pixels = pen.getImageData(0, 0, 96, 96).data
    for (let i = 3; i < pixels.length; i += 4) if ((pixels[i] as number) < 255) return true
    return false
}

/** Browsers that guard against fingerprints give back other pixels than were drawn. */
function canDraw(): boolean {
    const canvas = document.createElement("canvas")
    canvas.width = canvas.height = 8
    const pen = canvas.getContext("2d")
    if (!pen) return false
    pen.fillStyle = "#3568ac"
    pen.fillRect(0, 0, 8, 8)
    const pixels = pen.getImageData(0, 0, 8, 8).data
    for (let i = 0; i < pixels.length; i += 4) {
        if (pixels[i] !== 0x35 || pixels[i + 1] !== 0x68 || pixels[i + 2] !== 0xac || pixels[i + 3] !== 255) return false
    }
    return true
}

function mostPixels(): number {
    const memory = (navigator as Navigator & { deviceMemory?: number }).deviceMemory
    return memory !== undefined && memory <= 2 ? MOST_PIXELS / 2 : MOST_PIXELS
}

/** Whether it is more than one picture. */
function moves(bytes: Uint8Array, type: string): boolean {
    const text = (from: number, length: number) => String.fromCharCode(...bytes.subarray(from, from + length))
    if (type === "image/png") return text(37, 4) === "acTL"
    if (type === "image/webp") return text(12, 4) === "VP8X" && ((bytes[20] as number) & 2) !== 0
    if (type !== "image/gif") return false
    let frames = 0
    for (let at = bytes.indexOf(0x21); at >= 0 && frames < 2; at = bytes.indexOf(0x21, at + 1)) {
        if (bytes[at + 1] === 0xf9 && bytes[at + 2] === 4) frames++
    }
    return frames > 1
}

/** Puts one Exif entry, the turn and nothing else, into a JPEG whose metadata is gone. */
function withTurn(bytes: Uint8Array, orientation: number): Uint8Array {
    const exif = [0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 0x2a, 0, 0, 0, 8, 0, 1]
    const entry = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]
    const whole = new Uint8Array(bytes.length + exif.length + entry.length)
    whole.set(bytes.subarray(0, 2))
    whole.set([...exif, ...entry], 2)
    whole.set(bytes.subarray(2), 2 + exif.length + entry.length)
    return whole
}

async function read(blob: Blob): Promise<Uint8Array> {
    try {
        return new Uint8Array(await (blob.arrayBuffer ? blob.arrayBuffer() : new Response(blob).arrayBuffer()))
    } catch {
        throw new FileError("unreadable")
    }
}

function stopIf(signal: AbortSignal | undefined): void {
    if (signal?.aborted) throw new FileError("stopped")
}
