/**
 * Evidence, opened in memory only.
 *
 * - what a file is, its first bytes say, never its name or the type that came with it
 * - pictures are decoded and drawn anew; PDF pages too (pdf.ts, loaded on demand); sound and film play from memory
 * - anything else, HTML and SVG above all, is never shown: it can be saved, with a warning
 */
import { equal, hasher, unb64url } from "../core/bytes.ts"
import { Refused } from "../core/errors.ts"
import type { AttachmentNote } from "../core/message.ts"
import { openStream } from "../core/sealed.ts"
import { sizeOf, type Picture } from "../files/metadata.ts"
import { HEAD, sniff, type Sniffed } from "../files/sniff.ts"
import { sizeText } from "../files/picker.ts"
import { download } from "../sheets/keep.ts"
import type { Desk } from "./desk.ts"
import { fill, h, icon } from "./dom.ts"
import type { OpenCase } from "./opencase.ts"
import { busy, button, note as marginNote, Status } from "./parts.ts"
import { t } from "./words.ts"

const PLAYABLE = /^(audio\/(mpeg|mp4|ogg|wav|webm|flac)|video\/(mp4|webm|ogg))$/
const DRAWABLE = /^image\/(jpeg|png|gif|webp)$/
/** Width times height of the largest picture that is drawn: about 200 MB while it is decoded. */
const MOST_POINTS = 50_000_000
/** Longest side of a picture as drawn; a larger one is made smaller. */
const LONGEST_SIDE = 2400

export interface Evidence {
    readonly note: AttachmentNote
    /** "From the reporter, 3 Nov" */
    readonly from: string
    readonly state: "here" | "missing" | "arriving"
}

/** Files that are open, so that locking takes them away. */
export class Opened {
    private readonly addresses = new Set<string>()
    private readonly ends = new Set<() => void>()

    address(blob: Blob): string {
        const address = URL.createObjectURL(blob)
        this.addresses.add(address)
        return address
    }

    onEnd(end: () => void): void {
        this.ends.add(end)
    }

    end(): void {
        this.addresses.forEach((address) => URL.revokeObjectURL(address))
        this.ends.forEach((end) => end())
        this.addresses.clear()
        this.ends.clear()
    }
}

export function evidenceList(desk: Desk, open: OpenCase, all: readonly Evidence[], opened: Opened): HTMLElement {
    if (all.length === 0) return h("p", { class: "soft" }, t("console.evidence.none"))
    return h("ul", { class: "files evidence", "data-testid": "evidence" }, all.map((one) => row(desk, open, one, opened)))
}

function row(desk: Desk, open: OpenCase, evidence: Evidence, opened: Opened): HTMLElement {
    const { note } = evidence
    const kind = sniff(new Uint8Array(0), note.name)
    const viewer = h("div", { class: "viewer" })
    const status = new Status()
    const press: HTMLButtonElement = button(
        t("console.evidence.open"),
        () => void busy(press, status, t("console.evidence.opening"), () => show(desk, open, note, viewer, opened)),
        { id: `open-${note.sha256.slice(0, 8)}` },
    )
    press.setAttribute("aria-label", t("console.evidence.open-this", { name: note.name }))
    const words = [evidence.from, sizeText(note.size)].join(" · ")
    return h(
        "li",
        { "data-sha256": note.sha256, "data-state": evidence.state },
        icon(note.type.startsWith("image/") ? "photo" : note.type.startsWith("audio/") ? "sound" : note.type.startsWith("video/") || kind.kind === "video" ? "film" : "paper"),
        h("p", null, h("b", null, note.name)),
        h("p", { class: "small soft" }, words, " · ", h("code", null, note.plain_sha256.slice(0, 8))),
        evidence.state === "here" ? press : h("p", { class: "small soft missing" }, t(`console.evidence.${evidence.state}`)),
        status.element,
        viewer,
    )
}

async function show(desk: Desk, open: OpenCase, note: AttachmentNote, viewer: HTMLElement, opened: Opened): Promise<void> {
    const blob = await openFile(desk, open, note)
    if (!desk.session.isOpen) return
    const found = sniff(new Uint8Array(await blob.slice(0, HEAD).arrayBuffer()), "")
    // The name decides nothing but between a film's and a recording's container.
    const kind = found.type === "video/mp4" || found.type === "video/webm" ? sniff(new Uint8Array(await blob.slice(0, HEAD).arrayBuffer()), note.name) : found
    fill(viewer, await drawn(blob, kind, note, opened), saveRow(blob, kind, note))
}

async function drawn(blob: Blob, kind: Sniffed, note: AttachmentNote, opened: Opened): Promise<HTMLElement> {
    if (DRAWABLE.test(kind.type)) {
        const picture = await drawPicture(blob, kind.type, note.name)
        if (picture !== null) return picture
    }
    if (PLAYABLE.test(kind.type)) return player(blob, kind, note, opened)
    if (kind.type === "application/pdf") return pages(blob, note, opened)
    return marginNote(null, t("console.evidence.cannot-show"))
}

/** Draws the picture anew: what reaches the page are points of colour, not the file. Null where it can't be decoded. */
async function drawPicture(blob: Blob, type: string, name: string): Promise<HTMLElement | null> {
    let bitmap: ImageBitmap
    try {
        // A small file can stand for a picture of gigabytes: its size is read before it is drawn.
        const points = pointsOf(new Uint8Array(await blob.arrayBuffer()), type)
        if (points === null || points > MOST_POINTS) return null
        bitmap = await createImageBitmap(new Blob([blob], { type }))
    } catch {
        return null
    }
    const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height))
    const canvas = h("canvas", { role: "img", "aria-label": t("console.evidence.picture", { name }), "data-testid": "picture" })
    canvas.width = Math.max(1, Math.round(bitmap.width * scale))
    canvas.height = Math.max(1, Math.round(bitmap.height * scale))
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
    bitmap.close()
    return canvas
}

/** Width times height as the file's head says; null where it says nothing. */
export function pointsOf(bytes: Uint8Array, type: string): number | null {
    if (type === "image/gif") {
        if (bytes.length < 10) return null
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
        return view.getUint16(6, true) * view.getUint16(8, true)
    }
    const size = sizeOf(bytes, type as Picture)
    return size === null ? null : size.width * size.height
}

function player(blob: Blob, kind: Sniffed, note: AttachmentNote, opened: Opened): HTMLElement {
    const tag = kind.kind === "video" ? "video" : "audio"
    const media = h(tag, { controls: true, preload: "metadata", "aria-label": note.name, "data-testid": tag }) as HTMLMediaElement
    media.src = opened.address(new Blob([blob], { type: kind.type }))
    opened.onEnd(() => {
        media.pause()
        media.removeAttribute("src")
        media.load()
    })
    return media
}

async function pages(blob: Blob, note: AttachmentNote, opened: Opened): Promise<HTMLElement> {
    const box = h("div", { class: "pdf", role: "group", "aria-label": note.name, "data-testid": "pdf" })
    const { drawPdf } = await import("./pdf.ts")
    try {
        const close = await drawPdf(new Uint8Array(await blob.arrayBuffer()), box, (n, of) => t("console.evidence.page", { n, of }))
        opened.onEnd(close)
    } catch {
        // A damaged or locked document; the library's own error says nothing to a reader.
        return marginNote(null, t("console.evidence.bad-pdf"))
    }
    return box
}

function saveRow(blob: Blob, kind: Sniffed, note: AttachmentNote): HTMLElement {
    const save = button(t("console.evidence.save"), () => download(safeName(note.name, kind), new Blob([blob], { type: "application/octet-stream" })), { quiet: true })
    return h("div", { class: "act" }, save, h("p", { class: "small soft" }, t("console.evidence.save-warning")))
}

/** No path, no control or turning characters, and an ending that says what the bytes are. */
function safeName(name: string, kind: Sniffed): string {
    const plain = name.replace(/[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069/\\:*?"<>|]/g, "_").replace(/^\.+/, "").slice(-80)
    const risky = /\.(html?|xhtml|svg|xml|mht|js|hta|exe|bat|cmd|scr|lnk|ps1|vbs|jar|app|command|url|desktop)$/i.test(plain)
    if (risky) return `${plain}.txt`
    return kind.ending !== "" && !plain.toLowerCase().endsWith(`.${kind.ending}`) && kind.type !== "application/octet-stream" ? `${plain}.${kind.ending}` : plain
}

/** The file's own bytes, checked against what its sender wrote of it. Throws Refused "file-differs", CannotOpen. */
async function openFile(desk: Desk, open: OpenCase, note: AttachmentNote): Promise<Blob> {
    const sealed = await desk.server.fileStream(open.id, note.sha256)
    const parts: Blob[] = []
    const hash = hasher()
    let size = 0
    let held: Uint8Array<ArrayBuffer>[] = []
    let heldSize = 0
    const put = (): void => {
        if (heldSize > 0) parts.push(new Blob(held))
        held = []
        heldSize = 0
    }
    for await (const piece of openStream("attachment", desk.facts.org, unb64url(open.id, 16), sealed, open.identities)) {
        hash.update(piece)
        size += piece.length
        // Blobs go to the browser's own store, so that a long film does not fill the page's memory.
        held.push(Uint8Array.from(piece))
        heldSize += piece.length
        if (heldSize > 8_000_000) put()
    }
    put()
    if (size !== note.size || !equal(hash.digest(), unb64url(note.plain_sha256, 32))) throw new Refused("file-differs")
    return new Blob(parts)
}

