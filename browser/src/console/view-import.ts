/**
 * Brings in open cases from another system: read in this tab, looked over, sealed here to a panel chosen for each, sent in.
 * Nothing readable leaves the tab.
 */
import { RUNGS } from "../core/panel.ts"
import type { Roster, RosterPerson } from "../core/roster.ts"
import { toWords } from "../core/words.ts"
import { sizeText } from "../files/picker.ts"
import { caseName, nameOf, newestRoster, now, readAgain, rosterToSealBy, wordList, type Desk, type View } from "./desk.ts"
import { fill, h, icon, type Child } from "./dom.ts"
import { casesOfCsv } from "./import/csv.ts"
import type { Fault, Found } from "./import/found.ts"
import { caseOfZip, casesOfJson, joined } from "./import/globaleaks.ts"
import { Marks, sealFound, sendFound, type Choice, type SealedCase } from "./import/run.ts"
import { titleOf } from "./opencase.ts"
import { alarm, busy, button, field, heading, paragraphs, Status, tick, wordsFor } from "./parts.ts"
import { unlockBox } from "./unlock.ts"
import { count, language, listed, said, t } from "./words.ts"

const LARGEST = 512 * 1024 * 1024

export function importView(desk: Desk): View {
    const title = t("console.import.title")
    const step = h("div", { class: "step no-print" }, h("a", { href: "#inbox" }, icon("back"), t("console.inbox.title")))
    const head = [step, heading(title), h("p", { class: "lead no-print" }, t("console.import.lead"))]
    if (!desk.session.isOpen) return { title, element: h("div", { class: "flow" }, head, unlockBox(desk)) }
    const work = h("div", { class: "flow" }, h("p", { class: "soft", role: "status" }, t("console.inbox.loading")))
    let page: ImportPage | null = null
    let left = false
    // The list of readers may have changed since this tab read it, and by an old one nothing is taken.
    const begin = async (): Promise<void> => {
        if ((await readAgain(desk, await desk.server.roster())) || left) return
        const roster = newestRoster(desk)
        if (roster === null) return void fill(work, h("p", { role: "alert" }, t("console.error.roster-alarm")))
        page = new ImportPage(desk, roster)
        fill(work, page.element)
    }
    void begin().catch((error: unknown) => fill(work, h("p", { role: "alert" }, wordsFor(error))))
    const stop = (): void => {
        left = true
        page?.stop()
    }
    return { title, element: h("div", { class: "flow read", "data-testid": "import" }, head, work), stop }
}

type State = "new" | "known" | "sent" | "done"

class Item {
    state: State
    wanted: boolean
    sealed: SealedCase | null = null
    /** Null: as chosen for all. */
    seats: Seats | null = null
    readonly status = new Status()

    constructor(
        readonly found: Found,
        readonly knownAs: string | null,
    ) {
        this.state = knownAs === null ? "new" : "known"
        this.wanted = knownAs === null
    }
}

class ImportPage {
    readonly element: HTMLElement
    private items: Item[] = []
    private faults: Fault[] = []
    private chosen: File[] = []
    private running = false
    private stopped = false
    private readonly marks: Marks
    private everybody: Seats | null = null
    private readonly list = h("div", { class: "flow" })
    private readonly sheets = h("div", { class: "flow" })
    private readonly status = new Status()
    private readonly words = tick([h("b", null, t("console.import.words")), h("span", { class: "soft block small" }, t("console.import.words-hint"))], { id: "import-words" })
    private readonly place: HTMLSelectElement

    constructor(
        private readonly desk: Desk,
        private readonly roster: Roster,
    ) {
        this.marks = new Marks(localStorage, desk.facts.org, desk.session.keys.signSeed)
        this.place = h("select", { id: "import-place", "data-testid": "import-place" }, h("option", { value: "" }, t("console.import.no-place")), desk.facts.jurisdictions.map(({ id, name }) => h("option", { value: id }, said(name)))) as HTMLSelectElement
        const input = h("input", { type: "file", multiple: true, id: "import-files", "data-testid": "import-files" }) as HTMLInputElement
        input.addEventListener("change", () => void this.take([...(input.files ?? [])]))
        this.element = h(
            "div",
            { class: "flow" },
            h("div", { class: "flow no-print" }, field(t("console.import.files"), input, t("console.import.files-hint")), formats(), this.status.element, this.list),
            this.sheets,
        )
    }

    stop(): void {
        this.stopped = true
        for (const { sealed } of this.items) sealed?.secret?.fill(0)
        this.items = []
        this.element.replaceChildren()
    }

    private async take(files: readonly File[]): Promise<void> {
        if (this.running || files.length === 0) return
        this.status.say(t("console.import.reading"))
        await new Promise((done) => setTimeout(done, 30))
        try {
            this.chosen = [...this.chosen.filter(({ name }) => !files.some((one) => one.name === name)), ...files]
            await this.read()
            this.everybody ??= new Seats(await present(this.desk, this.roster), this.desk.me.person.id, "all")
            if (this.stopped) return
            this.status.say(count("console.import.found", this.items.length))
            this.draw()
        } catch (error) {
            this.status.fail(error)
        }
    }

    private async read(): Promise<void> {
        const byName = new Map(this.chosen.map((file) => [file.name, file]))
        const found: Found[] = []
        this.faults = []
        const used = new Set<string>()
        for (const file of this.chosen) {
            const got = await readOne(file, byName)
            if (got === null) continue
            found.push(...got.found)
            this.faults.push(...got.faults)
            got.found.forEach((one) => one.files.forEach(({ name }) => used.add(name)))
        }
        for (const { name } of this.chosen) {
            if (kindOf(name) === null && !used.has(name)) this.faults.push({ file: name, line: null, code: "unknown-file" })
        }
        this.items = joined(found).map((one) => new Item(one, this.marks.of(one)))
    }

    private draw(): void {
        const faults = this.faults.length === 0 ? null : alarm(count("console.import.faults", this.faults.length), "import-faults", h("ul", { class: "plain" }, this.faults.map(faultLine)))
        if (this.items.length === 0) {
            fill(this.list, faults)
            return
        }
        const press: HTMLButtonElement = button(t("console.import.run"), () => void this.run(press), { id: "import-run", main: true, icon: "sealed" })
        fill(
            this.list,
            faults,
            h("section", { class: "sheet flow" }, h("h2", null, t("console.import.who")), h("p", { class: "small" }, t("console.import.who-lead")), this.everybody?.element ?? null, field(t("console.import.place"), this.place, t("console.import.place-hint")), this.words.label),
            h("h2", null, t("console.import.cases"), h("span", { class: "count" }, String(this.items.length))),
            h("ul", { class: "waits", "data-testid": "import-items" }, this.items.map((item, i) => this.row(item, i))),
            h("p", { class: "small soft" }, t("console.import.clock")),
            h("div", { class: "act" }, press),
        )
    }

    private row(item: Item, i: number): HTMLElement {
        const { found } = item
        const title = titleOf(found.what) || t("console.import.untitled")
        const want = tick([h("b", null, title), h("span", { class: "small soft block" }, origin(found))], { id: `import-${i}`, checked: item.wanted, onchange: () => (item.wanted = want.input.checked) })
        const known = item.state === "known" && item.knownAs !== null ? h("p", { class: "small is-next" }, t("console.import.known", { name: caseName(item.knownAs) })) : null
        const holder = h("div", null)
        const own = tick(t("console.import.own-panel"), {
            id: `import-own-${i}`,
            onchange: () => {
                item.seats = own.input.checked ? (item.seats ?? (this.everybody as Seats).copy(this.desk.me.person.id, String(i))) : null
                fill(holder, item.seats?.element ?? null)
            },
        })
        return h(
            "li",
            { "data-reference": found.reference },
            h(
                "div",
                { class: "flow" },
                want.label,
                known,
                h(
                    "details",
                    { class: "fold" },
                    h("summary", null, t("console.import.look")),
                    h("div", { class: "flow" }, stated(found.source, found.reference, found.stated), paragraphs(found.what), fieldList(found.fields), found.files.length === 0 ? null : h("p", { class: "small" }, t("console.import.attached", { names: listed(found.files.map(({ name, blob }) => `${name} (${sizeText(blob.size)})`)) }))),
                ),
                own.label,
                holder,
                item.status.element,
            ),
        )
    }

    private async run(press: HTMLButtonElement): Promise<void> {
        if (this.running) return
        const todo = this.items.filter((item) => item.wanted && item.state !== "done")
        if (todo.length === 0) {
            this.status.say(t("console.import.nothing"))
            return
        }
        this.running = true
        let failed = 0
        await busy(press, this.status, t("console.import.doing"), async () => {
            for (const [i, item] of todo.entries()) {
                this.status.say(t("console.import.progress", { n: i + 1, of: todo.length }))
                try {
                    await this.bring(item)
                } catch (error) {
                    failed += 1
                    if (!this.stopped) item.status.element.classList.add("error")
                    if (!this.stopped) item.status.element.textContent = failure(error)
                }
                if (this.stopped) return
            }
        })
        this.running = false
        if (this.stopped) return
        this.showWords()
        this.status.say(failed > 0 ? count("console.import.failed", failed) : count("console.import.finished", todo.length))
    }

    private async bring(item: Item): Promise<void> {
        const { desk } = this
        const { org } = desk.facts
        if (item.found.files.length > desk.facts.limits.attachments) throw Object.assign(new Error("files"), { code: "too-many-files" })
        if (item.found.files.some(({ blob }) => blob.size > Math.min(LARGEST, desk.facts.limits.attachment))) throw Object.assign(new Error("large"), { code: "too-large" })
        item.status.say(t("console.import.sealing"))
        await new Promise((done) => setTimeout(done, 20))
        item.sealed ??= await sealFound(item.found, (item.seats ?? (this.everybody as Seats)).choice(), {
            org,
            roster: rosterToSealBy(desk),
            gone: desk.watch.gone ?? [],
            by: desk.me.person.id,
            seed: desk.session.keys.signSeed,
            jurisdiction: this.place.value === "" ? null : this.place.value,
            words: this.words.input.checked,
            now: now(desk),
        })
        // Marked before it goes: a tab that dies on the way must not lead to two cases unnoticed.
        this.marks.set(item.found, item.sealed.case)
        await sendFound(item.sealed, org, (share) => item.status.say(t("console.import.sending", { percent: Math.round(share * 100) })))
        item.state = "done"
        item.status.say(t("console.import.done", { name: caseName(item.sealed.case) }))
    }

    /** The words of what came in, once, to be printed and handed over; they stand nowhere else. */
    private showWords(): void {
        const shown = this.items.filter(({ state, sealed }) => state === "done" && sealed?.secret != null)
        if (shown.length === 0) return
        const list = wordList()
        fill(
            this.sheets,
            h("h2", { tabindex: "-1" }, t("console.import.sheets")),
            h("p", { class: "no-print" }, t("console.import.sheets-lead")),
            h("div", { class: "act no-print" }, button(t("console.import.print"), () => window.print(), { id: "print-words", icon: "print" })),
            h("div", { "data-testid": "import-words-sheets", class: "flow" }, shown.map(({ found, sealed }) => wordsOf(found, toWords((sealed as SealedCase).secret as Uint8Array, list), this.desk))),
        )
        this.sheets.querySelector("h2")?.focus()
    }
}

function wordsOf(found: Found, words: readonly string[], desk: Desk): HTMLElement {
    const address = `${location.origin}/o/${desk.facts.org}/${language()}/return`
    return h(
        "section",
        { class: "sheet flow" },
        h("h3", null, found.reference === "" ? titleOf(found.what) : t("console.import.number", { number: found.reference })),
        h("p", null, t("console.import.sheet-text", { organisation: said(desk.facts.name), by: nameOf(desk, desk.me.person.id) })),
        h("ol", { class: "words", "data-testid": "import-twelve" }, words.map((word) => h("li", null, word))),
        h("p", { class: "small" }, address),
    )
}

/** Those of the roster who are still here: it names whoever left until the next one is signed. */
async function present(desk: Desk, roster: Roster): Promise<RosterPerson[]> {
    const here = new Set((await desk.server.roster()).people.map(({ id }) => id))
    return roster.people.filter(({ id }) => here.has(id))
}

type Kind = "csv" | "json" | "zip" | null

function kindOf(name: string): Kind {
    const ending = /\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase()
    return ending === "csv" || ending === "json" || ending === "zip" ? ending : ending === "tsv" ? "csv" : null
}

/** Null for a file that another one may name. */
async function readOne(file: File, all: ReadonlyMap<string, File>): Promise<{ found: Found[]; faults: Fault[] } | null> {
    const kind = kindOf(file.name)
    if (kind === null) return null
    const bytes = new Uint8Array(await file.arrayBuffer())
    if (kind === "csv") return casesOfCsv(file.name, bytes, all)
    if (kind === "json") return casesOfJson(file.name, bytes)
    return caseOfZip(file.name, bytes, async (pdf) => (await import("./pdf.ts")).pdfText(pdf.slice()).catch(() => ""))
}

function faultLine({ file, line, code, detail }: Fault): HTMLElement {
    const where = line === null ? file : t("console.import.line", { file, line })
    return h("li", null, h("b", null, where), language() === "zh" ? "：" : ": ", t(`console.import.fault.${code}`, { name: detail ?? "" }))
}

function failure(error: unknown): string {
    const code = (error as { code?: unknown } | null)?.code
    if (code === "too-many-files" || code === "too-large" || code === "stale-roster") return t(`console.import.error.${code}`)
    if (code === "no-connection") return t("console.import.error.line")
    return wordsFor(error)
}

function origin(found: Found): string {
    const parts = [t(`console.import.source.${found.source}`), found.reference === "" ? "" : t("console.import.number", { number: found.reference }), found.line === null ? found.file : t("console.import.line", { file: found.file, line: found.line })]
    return parts.filter((one) => one !== "").join(" · ")
}

/** What the other system says of dates and state, each marked as its words and not ours. */
export function stated(source: string, reference: string, { received, changed, status }: Found["stated"]): HTMLElement | null {
    const rows = (["received", "changed", "status"] as const).flatMap((name) => {
        const value = { received, changed, status }[name]
        return value === "" ? [] : [h("dt", null, t(`console.import.stated.${name}`)), h("dd", null, t("console.import.as-stated", { words: value }))]
    })
    const number = reference === "" ? [] : [h("dt", null, t("console.import.stated.number")), h("dd", null, reference)]
    return h("dl", { class: "facts" }, h("dt", null, t("console.import.stated.source")), h("dd", null, t(`console.import.source.${source}`)), number, rows)
}

export function fieldList(fields: Found["fields"]): HTMLElement | null {
    if (fields.length === 0) return null
    return h("dl", { class: "facts answers" }, fields.map(({ label, text }) => [h("dt", null, label === "" ? "–" : label), h("dd", null, text.split("\n").flatMap((line, i): Child[] => (i === 0 ? [line] : [h("br"), line])))]))
}

function formats(): HTMLElement {
    return h(
        "details",
        { class: "fold" },
        h("summary", null, t("console.import.formats")),
        h("ul", { class: "plain" }, (["csv", "zip", "json"] as const).map((kind) => h("li", null, h("b", null, t(`console.import.format.${kind}`)), " ", t(`console.import.format.${kind}.text`)))),
    )
}

type Seat = "reads" | "not" | "involved"

/** Who reads a case, and who is involved in it: one choice for each person of the roster. */
class Seats {
    readonly element: HTMLElement
    private readonly chosen = new Map<string, Seat>()

    constructor(
        private readonly people: readonly RosterPerson[],
        me: string,
        id: string,
        from?: Seats,
    ) {
        for (const person of people) this.chosen.set(person.id, from?.chosen.get(person.id) ?? (person.id === me ? "reads" : "not"))
        this.element = h("ul", { class: "plain seats", "data-testid": `seats-${id}` }, [...people].sort((a, b) => rank(a) - rank(b)).map((person) => this.row(person, id)))
    }

    copy(me: string, id: string): Seats {
        return new Seats(this.people, me, id, this)
    }

    private row(person: RosterPerson, id: string): HTMLElement {
        const options: readonly Seat[] = person.recipient === null ? ["not", "involved"] : ["reads", "not", "involved"]
        const select = h("select", { id: `seat-${id}-${person.id}` }, options.map((one) => h("option", { value: one }, t(`console.import.seat.${one}`)))) as HTMLSelectElement
        select.value = this.chosen.get(person.id) ?? "not"
        select.addEventListener("change", () => this.chosen.set(person.id, select.value as Seat))
        return h("li", null, h("label", { for: select.id }, h("b", null, said(person.name)), h("span", { class: "small soft block" }, said(person.duty))), select)
    }

    choice(): Choice {
        const who = (seat: Seat): string[] => this.people.filter(({ id }) => this.chosen.get(id) === seat).map(({ id }) => id)
        return { panel: who("reads"), excluded: who("involved") }
    }
}

function rank(person: RosterPerson): number {
    return person.recipient === null ? RUNGS.length + 1 : RUNGS.indexOf(person.role)
}
