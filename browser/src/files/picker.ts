/**
 * The whole "Files" part of a page: add, look at what was removed, be warned, rename, remove, record a voice
 * message, and see how far the upload is. It cleans each file as it is added; nothing is sent from here.
 */
import { count, fill, h, icon, language, listed, t } from "../ui/index.ts"
import { type Cleaned, type NeutralNames, clean, neutralName } from "./clean.ts"
import { FileError } from "./errors.ts"
import type { Kind } from "./sniff.ts"
import { type Recording, LIMIT_SECONDS, canRecord, endingOf, record } from "./voice.ts"

export interface FileListOptions {
    /** Bytes of one file, and how many files; from the organisation's limits. */
    limits: { attachment: number; attachments: number }
    voice?: boolean
    onChange?(files: readonly Cleaned[]): void
}

export interface FileList {
    readonly element: HTMLElement
    files(): readonly Cleaned[]
    /** A file is still being cleaned, or a message is being recorded. */
    busy(): boolean
    focus(): void
    clear(): void
    /** Puts files on the list that are cleaned already. */
    put(files: readonly Cleaned[]): void
    /** While uploading: bytes of the sealed file. */
    progress(index: number, sent: number, total: number): void
}

interface Row {
    number: number
    original: (Blob & { readonly name?: string }) | null
    ownName: boolean
    voice: boolean
    cleaned: Cleaned | null
    fault: string | null
    element: HTMLElement
}

const SIGNS: Readonly<Record<Kind, string>> = { picture: "photo", sound: "sound", video: "video", document: "file", other: "file" }

export function fileList(options: FileListOptions): FileList {
    const shelf = new Shelf(options)
    return {
        element: shelf.element,
        files: () => shelf.kept(),
        busy: () => shelf.busy(),
        focus: () => shelf.addButton.focus(),
        clear: () => shelf.clear(),
        put: (files) => shelf.put(files),
        progress: (index, sent, total) => shelf.progress(index, sent, total),
    }
}

/** "2.1 MB", "340 kB". */
export function sizeText(bytes: number): string {
    const format = (n: number, digits: number) => n.toLocaleString(language() === "zh" ? "zh-CN" : "en-GB", { maximumFractionDigits: digits })
    if (bytes < 1000) return t("files.bytes", { n: bytes })
    if (bytes < 1_000_000) return `${format(Math.ceil(bytes / 1000), 0)} kB`
    return `${format(bytes / 1_000_000, bytes < 10_000_000 ? 1 : 0)} MB`
}

class Shelf {
    readonly element: HTMLElement
    readonly addButton: HTMLButtonElement
    private readonly options: FileListOptions
    private readonly list = h("ul", { class: "files", hidden: true, "data-testid": "file-list" })
    private readonly input = h("input", { type: "file", multiple: true, class: "aside-only", tabindex: "-1", "aria-hidden": "true", "data-testid": "file-input" })
    private readonly said = h("p", { role: "status", "aria-live": "polite", class: "small soft", "data-testid": "file-said" })
    private readonly voice: Voice | null
    private rows: Row[] = []
    private added = 0

    constructor(options: FileListOptions) {
        this.options = options
        this.addButton = h("button", { class: "btn", type: "button", "data-testid": "file-add", onclick: () => this.input.click() }, icon("add"), t("files.add"))
        this.input.addEventListener("change", () => void this.add([...(this.input.files ?? [])]))
        this.voice = options.voice !== false && canRecord() ? new Voice((blob) => this.addVoice(blob)) : null
        const buttons = h("div", { class: "act" }, this.addButton, this.voice?.button)
        this.element = h("div", { class: "file-part flow", "data-testid": "files" }, this.list, this.input, buttons, this.voice?.panel, this.said)
    }

    kept(): readonly Cleaned[] {
        return this.rows.flatMap((row) => (row.cleaned ? [row.cleaned] : []))
    }

    busy(): boolean {
        return this.rows.some((row) => !row.cleaned && !row.fault) || (this.voice?.recording() ?? false)
    }

    clear(): void {
        this.voice?.cancel()
        this.rows = []
        this.added = 0
        this.said.textContent = ""
        this.draw()
    }

    put(files: readonly Cleaned[]): void {
        for (const file of files) this.newRow(null).cleaned = file
        this.draw()
    }

    progress(index: number, sent: number, total: number): void {
        const row = this.rows.filter((one) => one.cleaned)[index]
        if (!row) return
        let bar = row.element.querySelector("progress")
        if (!bar) {
            bar = h("progress", { "aria-label": t("files.progress-label", { name: row.cleaned?.name ?? "" }) })
            row.element.querySelector(".btn")?.remove()
            row.element.querySelectorAll(".file-line").forEach((line, i) => i > 0 && line.remove())
            row.element.append(bar)
        }
        bar.max = total
        bar.value = sent
        const line = row.element.querySelector(".file-line")
        if (line) line.textContent = sent >= total ? t("files.sent", { size: sizeText(total) }) : t("files.sending", { sent: sizeText(sent), size: sizeText(total) })
    }

    private async add(files: readonly File[]): Promise<void> {
        this.input.value = "" // the same file can be chosen again after it was removed
        const problems: string[] = []
        for (const file of files) {
            const problem = await this.addOne(file)
            if (problem) problems.push(problem)
        }
        // Said last, so that "… is on the list" of another file does not hide it.
        if (problems.length) this.say(problems.join(" "))
    }

    /** What keeps the file off the list, in words; null when it is on it. */
    private async addOne(file: File): Promise<string | null> {
        const { attachment, attachments } = this.options.limits
        if (this.rows.length >= attachments) return count("files.too-many", attachments)
        if (file.size > attachment) return t("files.too-large", { name: file.name, size: sizeText(file.size), most: sizeText(attachment) })
        if (file.size === 0) return t("files.empty", { name: file.name })
        const row = this.newRow(file)
        this.draw()
        await this.cleanRow(row)
        return row.fault
    }

    private async cleanRow(row: Row): Promise<void> {
        const file = row.original as File
        row.cleaned = null
        try {
            row.cleaned = await clean(file, { number: row.number, keepName: row.ownName, names: neutralNames() })
        } catch (fault) {
            row.fault = t(fault instanceof FileError && fault.code === "not-clean" ? "files.not-clean" : "files.unreadable")
        }
        if (!this.rows.includes(row)) return // removed meanwhile
        this.draw()
        this.say(row.cleaned ? t("files.added", { name: row.cleaned.name }) : (row.fault as string))
    }

    private addVoice(blob: Blob): void {
        if (this.rows.length >= this.options.limits.attachments) return this.say(count("files.too-many", this.options.limits.attachments))
        const row = this.newRow(null)
        row.voice = true
        const name = neutralName("sound", row.number, endingOf(blob.type), { ...neutralNames(), sound: t("files.name-voice") })
        row.cleaned = { blob, name, type: blob.type, kind: "sound", reason: "cleaned", smaller: false, firstFrame: false, removed: [] }
        this.draw()
        this.say(t("files.added", { name }))
    }

    private newRow(original: Row["original"]): Row {
        this.added++
        const row: Row = { number: this.added, original, ownName: false, voice: false, cleaned: null, fault: null, element: h("li") }
        this.rows.push(row)
        return row
    }

    private draw(): void {
        for (const row of this.rows) fill(row.element, this.content(row))
        fill(this.list, this.rows.map((row) => row.element))
        this.list.hidden = this.rows.length === 0
        this.options.onChange?.(this.kept())
    }

    private content(row: Row): (Element | null)[] {
        const { cleaned } = row
        const name = cleaned?.name ?? row.original?.name ?? ""
        const remove = h("button", { class: "btn quiet", type: "button", "aria-label": t("files.remove-this", { name }), "data-testid": "file-remove", onclick: () => this.remove(row) }, t("files.remove"))
        if (!cleaned) {
            const line = h("p", { class: row.fault ? "small is-missed file-line" : "small soft file-line" }, row.fault ?? t("files.working"))
            return [icon("file"), h("p", null, name), line, row.fault ? remove : null]
        }
        const lines = [sizeText(cleaned.blob.size) + (language() === "zh" ? "，" : ", ") + told(row, cleaned)]
        if (cleaned.smaller) lines.push(t("files.smaller"))
        if (cleaned.firstFrame) lines.push(t("files.first-frame"))
        const texts = lines.map((line, i) => h("p", { class: i === 0 && cleaned.reason !== "cleaned" ? "small is-next file-line" : "small soft file-line" }, line))
        return [icon(SIGNS[cleaned.kind]), h("p", { class: "file-name" }, name), ...texts, this.renameButton(row), remove]
    }

    /** Names are neutral unless the person wants her own. */
    private renameButton(row: Row): Element | null {
        const own = row.original?.name
        if (!own || !row.cleaned) return null
        const text = row.ownName ? t("files.name-neutral") : t("files.name-own", { name: own })
        const swap = () => {
            row.ownName = !row.ownName
            void this.cleanRow(row).then(() => row.element.querySelector<HTMLButtonElement>(".rename")?.focus())
        }
        return h("p", { class: "small" }, h("button", { class: "rename as-link", type: "button", "data-testid": "file-rename", onclick: swap }, text))
    }

    private remove(row: Row): void {
        this.rows = this.rows.filter((one) => one !== row)
        this.draw()
        this.say(t("files.removed-now", { name: row.cleaned?.name ?? row.original?.name ?? "" }))
        this.addButton.focus()
    }

    private say(text: string): void {
        this.said.textContent = text
    }
}

/** What happened to the file, or why it stays as it is, in plain words. */
function told(row: Row, cleaned: Cleaned): string {
    if (row.voice) return t("files.voice-said")
    if (cleaned.reason !== "cleaned") return t(`files.why-${cleaned.reason}`)
    if (cleaned.removed.length === 0) return t("files.nothing-found")
    return t("files.cleaned", { what: listed(cleaned.removed.map((found) => t(`files.found-${found}`))) })
}

function neutralNames(): NeutralNames {
    return { picture: t("files.name-picture"), sound: t("files.name-sound"), video: t("files.name-video"), document: t("files.name-document"), other: t("files.name-other") }
}

/** The voice message: press to record, stop, listen, keep or throw away. */
class Voice {
    readonly button: HTMLButtonElement
    readonly panel = h("div", { class: "voice sheet flow", hidden: true, "data-testid": "voice-panel" })
    private readonly keep: (blob: Blob) => void
    private running: Recording | null = null

    constructor(keep: (blob: Blob) => void) {
        this.keep = keep
        this.button = h("button", { class: "btn", type: "button", "data-testid": "voice-start", onclick: () => void this.start() }, icon("voice"), t("files.voice"))
    }

    recording(): boolean {
        return this.running !== null
    }

    cancel(): void {
        this.running?.cancel()
        this.close()
    }

    private async start(): Promise<void> {
        this.button.disabled = true
        const clock = h("span", { "aria-hidden": "true" }, minutes(0))
        try {
            this.running = await record({ onTick: (seconds) => void (clock.textContent = minutes(seconds)) })
        } catch (fault) {
            this.show(h("p", { role: "status" }, t(fault instanceof FileError && fault.code === "no-recorder" ? "files.voice-none" : "files.voice-refused")))
            this.button.disabled = false
            return
        }
        const stop = h("button", { class: "btn go", type: "button", "data-testid": "voice-stop", onclick: () => this.running?.stop() }, t("files.voice-stop"))
        const most = t("files.voice-most", { minutes: LIMIT_SECONDS / 60 })
        this.show(h("p", { role: "status" }, t("files.voice-running"), " ", clock), h("p", { class: "small soft" }, most), h("div", { class: "act" }, stop))
        stop.focus()
        try {
            await this.listen(await this.running.done)
        } catch {
            this.close()
        }
    }

    private async listen(blob: Blob): Promise<void> {
        this.running = null
        const address = URL.createObjectURL(blob)
        const done = (kept: boolean) => {
            URL.revokeObjectURL(address)
            this.close()
            if (kept) this.keep(blob)
            this.button.focus()
        }
        const keep = h("button", { class: "btn go", type: "button", "data-testid": "voice-keep", onclick: () => done(true) }, t("files.voice-keep"))
        const drop = h("button", { class: "btn", type: "button", "data-testid": "voice-drop", onclick: () => done(false) }, t("files.voice-drop"))
        this.show(
            h("p", null, t("files.voice-listen")),
            h("audio", { controls: true, src: address, preload: "metadata", "aria-label": t("files.voice") }),
            h("p", { class: "small soft" }, t("files.voice-known")),
            h("div", { class: "act" }, keep, drop),
        )
        keep.focus()
    }

    private show(...content: (Element | null)[]): void {
        fill(this.panel, content)
        this.panel.hidden = false
    }

    private close(): void {
        this.running = null
        this.panel.hidden = true
        fill(this.panel)
        this.button.disabled = false
    }
}

/** "1:05". */
function minutes(seconds: number): string {
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
}

