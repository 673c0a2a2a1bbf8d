/**
 * What a file is, by its first bytes: a name's ending is what somebody typed, the bytes are what opens.
 */
export type Kind = "picture" | "sound" | "video" | "document" | "other"

/** How a file is treated: "canvas" can be drawn anew; the rest goes as it is, with the reason said. */
export type Treatment = "canvas" | "pdf" | "office" | "sound" | "video" | "drawing" | "other"

export interface Sniffed {
    type: string
    ending: string
    kind: Kind
    treatment: Treatment
}

/** How many of a file's first bytes `sniff` wants. */
export const HEAD = 512

const OOXML: Readonly<Record<string, string>> = {
    docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    odt: "application/vnd.oasis.opendocument.text",
    ods: "application/vnd.oasis.opendocument.spreadsheet",
    odp: "application/vnd.oasis.opendocument.presentation",
}
const OLD_OFFICE: Readonly<Record<string, string>> = {
    doc: "application/msword",
    xls: "application/vnd.ms-excel",
    ppt: "application/vnd.ms-powerpoint",
    msg: "application/vnd.ms-outlook",
}
const PLAIN: Readonly<Record<string, string>> = { txt: "text/plain", csv: "text/csv", md: "text/markdown" }

export function sniff(head: Uint8Array, name = ""): Sniffed {
    const given = /\.([A-Za-z0-9]{1,8})$/.exec(name)?.[1]?.toLowerCase() ?? ""
    const at = (from: number, text: string) => [...text].every((c, i) => head[from + i] === c.charCodeAt(0))
    const bytes = (...want: number[]) => want.every((byte, i) => head[i] === byte)
    if (bytes(0xff, 0xd8, 0xff)) return picture("image/jpeg", "jpg")
    if (bytes(0x89, 0x50, 0x4e, 0x47)) return picture("image/png", "png")
    if (at(0, "GIF8")) return picture("image/gif", "gif")
    if (at(0, "RIFF") && at(8, "WEBP")) return picture("image/webp", "webp")
    if (at(0, "RIFF") && at(8, "WAVE")) return sound("audio/wav", "wav")
    if (at(0, "BM") && given === "bmp") return picture("image/bmp", "bmp")
    if (bytes(0x49, 0x49, 0x2a, 0) || bytes(0x4d, 0x4d, 0, 0x2a)) return picture("image/tiff", "tif")
    if (at(4, "ftyp")) return isoMedia(at, given)
    if (bytes(0x1a, 0x45, 0xdf, 0xa3)) return given === "weba" ? sound("audio/webm", "weba") : film("video/webm", "webm")
    if (at(0, "OggS")) return given === "ogv" ? film("video/ogg", "ogv") : sound("audio/ogg", "ogg")
    if (at(0, "ID3") || ((head[0] as number) === 0xff && ((head[1] ?? 0) & 0xe6) === 0xe2)) return sound("audio/mpeg", "mp3")
    if (at(0, "#!AMR")) return sound("audio/amr", "amr")
    if (at(0, "fLaC")) return sound("audio/flac", "flac")
    if (at(0, "%PDF-")) return paper("application/pdf", "pdf", "pdf")
    if (bytes(0xd0, 0xcf, 0x11, 0xe0)) return office(OLD_OFFICE, given, "application/x-ole-storage")
    if (bytes(0x50, 0x4b, 3, 4)) return office(OOXML, given, "application/zip")
    if (given === "svg") return { type: "image/svg+xml", ending: "svg", kind: "picture", treatment: "drawing" }
    const plain = PLAIN[given]
    if (plain) return paper(plain, given, "other")
    return { type: "application/octet-stream", ending: given, kind: "other", treatment: "other" }
}

function isoMedia(at: (from: number, text: string) => boolean, given: string): Sniffed {
    const brand = (...names: string[]) => names.some((name) => at(8, name))
    if (brand("heic", "heix", "hevc", "heim", "heis", "mif1", "msf1")) return picture("image/heic", "heic")
    if (brand("avif", "avis")) return picture("image/avif", "avif")
    if (brand("M4A", "M4B", "F4A") || given === "m4a") return sound("audio/mp4", "m4a")
    if (brand("qt  ")) return film("video/quicktime", "mov")
    return film("video/mp4", "mp4")
}

const picture = (type: string, ending: string): Sniffed => ({ type, ending, kind: "picture", treatment: "canvas" })
const sound = (type: string, ending: string): Sniffed => ({ type, ending, kind: "sound", treatment: "sound" })
const film = (type: string, ending: string): Sniffed => ({ type, ending, kind: "video", treatment: "video" })
const paper = (type: string, ending: string, treatment: Treatment): Sniffed => ({ type, ending, kind: "document", treatment })

function office(types: Readonly<Record<string, string>>, given: string, otherwise: string): Sniffed {
    const type = types[given]
    if (type) return paper(type, given, "office")
    return { type: otherwise, ending: given || "zip", kind: "other", treatment: "other" }
}

/** What a file is, from its first bytes, without cleaning it. */
export async function kindOf(file: Blob, name?: string): Promise<Kind> {
    return sniff(new Uint8Array(await file.slice(0, HEAD).arrayBuffer()), name).kind
}
