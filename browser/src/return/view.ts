/** Small things that several parts of the mailbox show: names, files, answers. */
import type { RosterPerson } from "../core/roster.ts"
import { sizeText } from "../files/picker.ts"
import { download } from "../sheets/keep.ts"
import { askedList } from "../sheets/questions.ts"
import { fill, h, icon, knows, said, t, type Child } from "../ui/index.ts"
import { isLine } from "./errors.ts"
import type { Attached, Report } from "./story.ts"

export function nameOf(person: RosterPerson | null): string {
    return person ? said(person.name) : t("return.someone")
}

/** Opens a file of the case when it is pressed; pictures are also shown. */
export type OpenFile = (note: Attached) => Promise<Blob>

const LARGE = 20 * 1024 * 1024

/** `missing` is the string for a file that did not arrive whole. */
export function fileRows(files: readonly Attached[], openFile: OpenFile, missing = "return.file-missing"): HTMLElement | null {
    if (files.length === 0) return null
    return h("ul", { class: "got" }, files.map((note) => fileRow(note, openFile, missing)))
}

function fileRow(note: Attached, openFile: OpenFile, missing: string): HTMLElement {
    const state = h("span", { class: "small soft", role: "status" })
    const picture = h("div", null)
    const open = async (button: HTMLButtonElement) => {
        button.disabled = true
        state.textContent = t("return.file-opening")
        try {
            const blob = await openFile(note)
            if (/^image\//.test(blob.type) && blob.size < LARGE) show(picture, blob, note.name)
            download(note.name, blob)
            state.textContent = t(blob.size < LARGE ? "return.file-opened" : "return.file-large")
        } catch (fault) {
            state.textContent = t(isLine(fault) ? "return.file-line" : "return.file-failed")
        }
        button.disabled = false
    }
    const button = h("button", { class: "btn quiet", type: "button", "aria-label": `${t("return.file-open")}: ${note.name}`, "data-testid": "open-file" }, t("return.file-open"))
    button.addEventListener("click", () => void open(button))
    const rest = note.there ? button : h("span", { class: "small is-next" }, t(missing))
    return h("li", null, icon("file"), h("span", null, note.name), h("span", { class: "small soft" }, sizeText(note.size)), rest, state, picture)
}

function show(place: Element, blob: Blob, name: string): void {
    const address = URL.createObjectURL(blob)
    const image = h("img", { class: "opened", src: address, alt: name })
    image.addEventListener("load", () => URL.revokeObjectURL(address))
    fill(place, image)
}

const ORDER = ["what", "when", "where", "who", "seen", "drink", "ongoing"] as const
const CHOSEN = new Set(["drink", "ongoing", "appear"])

/** What she wrote, under the questions' own names, and then what the organisation asked. */
export function answersList(report: Report): Child {
    const rows: [string, string][] = []
    const add = (key: string, value: string | undefined) => void (value && rows.push([t(`return.answer-${key}`), value]))
    for (const key of ORDER) add(key, shown(key, report.answers[key]))
    for (const told of report.earlier) add("told", told.on ? t("return.told-on", { who: told.to, day: told.on }) : told.to)
    add("appear", shown("appear", report.answers["appear"]))
    add("name", report.identity?.name || report.answers["name"])
    add("contact", report.identity?.contact)
    return [h("dl", { class: "facts" }, rows.map(([question, answer]) => [h("dt", null, question), h("dd", null, answer)])), askedList(report.questions?.asked ?? [])]
}

function shown(key: string, value: string | undefined): string | undefined {
    return value && CHOSEN.has(key) && knows(`return.value-${value}`) ? t(`return.value-${value}`) : value
}

