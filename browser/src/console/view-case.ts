/** One case: what is due, what was written, the promises, who reads it, the files, and the answer. */
import { unb64url } from "../core/bytes.ts"
import { CoreError, Refused } from "../core/errors.ts"
import type { Imported } from "../core/imported.ts"
import { parseManifest } from "../core/manifest.ts"
import { parseReceipt, verifyReceipt } from "../core/receipt.ts"
import { promiseList } from "../sheets/promises.ts"
import { askedList } from "../sheets/questions.ts"
import { download } from "../sheets/keep.ts"
import { composer, type Composer } from "./compose.ts"
import { caseName, nameOf, now, placeOf, rosterByHash, rosterPerson, whoIs, type Desk, type View } from "./desk.ts"
import { fill, h, icon, ring, type Child } from "./dom.ts"
import { evidenceList, Opened, type Evidence } from "./evidence.ts"
import { openCase, titleOf, type OpenCase, type OpenMessage, type OpenNote } from "./opencase.ts"
import { panelBox } from "./panelbox.ts"
import { alarm, button, heading, paragraphs, Status, wordsFor } from "./parts.ts"
import { reader } from "./reader.ts"
import type { CaseDetail, PromiseRow } from "./types.ts"
import { unlockBox } from "./unlock.ts"
import { fieldList, stated } from "./view-import.ts"
import { dueShort, gone, groupOf, lateness, longDay, moment } from "./when.ts"
import { languageName } from "../ui/index.ts"
import { count, knows, language, listed, said, t } from "./words.ts"

export function caseView(desk: Desk, id: string): View {
    const title = caseName(id)
    if (!desk.session.isOpen) {
        return { title, element: h("div", { class: "flow" }, back(), heading(title), unlockBox(desk)) }
    }
    const page = new CasePage(desk, id)
    return { title, element: page.element, refresh: () => page.refresh(), stop: () => page.stop() }
}

function back(...words: Child[]): HTMLElement {
    return h("div", { class: "step no-print" }, h("a", { href: "#inbox" }, icon("back"), t("console.inbox.title")), words)
}

class CasePage {
    readonly element = h("div", { class: "flow case", "data-testid": "case" })
    private readonly head = h("div", { class: "flow" })
    private readonly talk = h("div", { class: "flow" })
    private readonly files = h("div", { class: "flow" })
    private readonly side = h("aside", { class: "flow", "aria-label": t("console.case.side") })
    private readonly answer = h("div", { class: "flow" })
    private readonly opened = new Opened()
    private composer: Composer | null = null
    private open: OpenCase | null = null
    private known = ""
    private filesKnown = ""
    private panelKnown = ""
    private readonly panelPlace = h("div", { class: "flow" })
    private stopped = false
    private readonly flagged = new Set<string>()

    constructor(
        private readonly desk: Desk,
        private readonly id: string,
    ) {
        fill(this.element, back(), heading(caseName(id)), h("p", { class: "soft", role: "status" }, t("console.case.opening")))
        void this.refresh().catch((error: unknown) => this.fail(error))
    }

    private fail(error: unknown): void {
        if (this.stopped) return
        const lost = error instanceof CoreError ? t(error.code === SEALED_PAST ? "console.case.sealed-past" : "console.case.cannot-open") : wordsFor(error)
        fill(this.element, back(), heading(caseName(this.id)), h("p", { role: "alert", "data-testid": "case-error" }, lost))
        this.element.querySelector("h1")?.focus()
    }

    stop(): void {
        this.stopped = true
        this.open = null
        this.opened.end()
        this.element.replaceChildren()
    }

    async refresh(): Promise<void> {
        const detail = await this.desk.server.case(this.id)
        try {
            await this.take(detail)
        } catch (error) {
            // What never opened is said on the page; what opened before stays there, and the line says what came.
            if (!(error instanceof CoreError) || this.open !== null) throw error
            this.fail(error)
        }
    }

    private async take(detail: CaseDetail): Promise<void> {
        this.desk.skew = Date.parse(detail.server_time) - Date.now()
        const news = JSON.stringify({ ...detail, server_time: "" })
        if (news === this.known || this.stopped || !this.desk.session.isOpen) return
        const open = await this.opening(detail, news)
        if (this.stopped || !this.desk.session.isOpen) return
        const first = this.open === null
        if (!first) this.tellNews(open)
        this.known = news
        this.open = open
        this.draw(open, first)
        void this.report(detail, shownMismatches(this.desk, open))
    }

    private async opening(detail: CaseDetail, news: string): Promise<OpenCase> {
        try {
            return await openCase(detail, reader(this.desk))
        } catch (error) {
            // The same bytes will not open at the next look either.
            this.known = news
            if (!(error instanceof CoreError) || !meantFor(this.desk, detail)) throw error
            void this.report(detail, ["cannot-open"])
            throw new Refused(SEALED_PAST)
        }
    }

    /** For who does not see that the page changed. */
    private tellNews(open: OpenCase): void {
        const before = (this.open?.messages.length ?? 0) + (this.open?.notes.length ?? 0)
        const more = open.messages.length + open.notes.length - before
        if (more > 0) this.desk.say(count("console.case.news", more))
    }

    private draw(open: OpenCase, first: boolean): void {
        const desk = this.desk
        fill(this.head, ...headParts(desk, open, () => this.composer?.focus()))
        fill(this.talk, h("h2", null, t("console.case.talk")), thread(desk, open))
        const all = evidenceOf(desk, open)
        // Files that are open stay open while the rest of the page goes on.
        if (JSON.stringify(all) !== this.filesKnown) {
            this.filesKnown = JSON.stringify(all)
            this.opened.end()
            fill(this.files, h("h2", null, t("console.evidence.title")), evidenceList(desk, open, all, this.opened))
        }
        // Whoever is choosing readers goes on choosing while messages come; a change of the panel itself is drawn anew.
        const { keys, leaving, closed } = open.detail
        const panelKnown = JSON.stringify([keys.map(({ epoch }) => epoch), leaving, closed])
        if (panelKnown !== this.panelKnown) {
            this.panelKnown = panelKnown
            fill(this.panelPlace, panelBox(desk, open, () => this.refresh()))
        }
        fill(
            this.side,
            h("h2", null, t("console.case.promises")),
            promises(desk, open),
            this.panelPlace,
            receiptsBox(desk, open),
            printBox(),
        )
        if (this.composer === null) {
            const onNews = (detail: CaseDetail | null): Promise<void> => (detail === null ? this.refresh() : this.take(detail))
            this.composer = composer({ desk, open, onNews })
            fill(this.answer, this.composer.element)
        } else this.composer.update(open)
        if (!first) return
        fill(
            this.element,
            this.head,
            h("div", { class: "split" }, h("div", { class: "flow" }, this.talk, this.answer, this.files), this.side),
            h("p", { class: "print-only" }, t("console.case.paper")),
        )
        this.head.querySelector("h1")?.focus({ preventScroll: true })
    }

    /** The panel is told once of each thing that does not fit. */
    private async report(detail: CaseDetail, codes: readonly string[]): Promise<void> {
        const told = new Set(detail.flags.map(({ code }) => code))
        for (const code of codes) {
            if (told.has(code) || this.flagged.has(code)) continue
            this.flagged.add(code)
            await this.desk.server.flag(this.id, code).catch(() => this.flagged.delete(code))
        }
    }
}

const SEALED_PAST = "sealed-past"

/** Whether this person's present key is one that the reporter signed this case for: then it has to open. */
function meantFor(desk: Desk, detail: CaseDetail): boolean {
    try {
        const { panel, roster } = parseManifest(unb64url(detail.manifest))
        const me = rosterByHash(desk, roster)?.people.find((person) => person.id === desk.me.person.id)
        return me !== undefined && panel.includes(me.id) && me.recipient === desk.me.key?.recipient
    } catch (error) {
        if (error instanceof CoreError) return false
        throw error
    }
}

/**
 * Mismatches worth an alarm. An old roster is one only where the next was there before the report came: every report
 * ages, and its roster with it.
 */
function shownMismatches(desk: Desk, open: OpenCase): string[] {
    return open.mismatches.filter((code) => {
        if (code !== "old-roster") return true
        const named = rosterByHash(desk, open.opened.manifest.roster)
        const next = named === null ? undefined : desk.watch.chain?.rosters[named.number + 1]
        const began = (next?.people ?? []).map((person) => person.from).sort().pop()
        return began !== undefined && began < open.detail.received.slice(0, 10)
    })
}

function headParts(desk: Desk, open: OpenCase, answer: () => void): Child[] {
    const { opened, detail } = open
    const name = caseName(open.id)
    const what = opened.report.answers["what"]
    const place = placeOf(desk.facts, opened.manifest.jurisdiction)
    const day = t("console.case.came", { day: longDay(new Date(detail.received)) })
    const line = [name, place === null ? null : said(place), day].filter((part) => part !== null).join(" · ")
    return [
        back(h("span", null, line)),
        heading(typeof what === "string" && what !== "" ? titleOf(what) : name),
        h("p", { class: "print-only" }, line),
        mismatchAlarm(shownMismatches(desk, open)),
        othersFlags(desk, open),
        urgency(opened.manifest.urgency),
        nextUp(desk, open, answer),
    ]
}

export function mismatchAlarm(codes: readonly string[]): HTMLElement | null {
    if (codes.length === 0) return null
    const lines = codes.map((code) => h("li", null, knows(`console.mismatch.${code}`) ? t(`console.mismatch.${code}`) : t("console.mismatch.other", { code })))
    return alarm(t("console.mismatch.title"), "mismatch", h("ul", { class: "plain" }, lines), h("p", null, t("console.mismatch.do")))
}

/** What did not fit in a colleague's browser, and does in this one: keys that were sealed past them, above all. */
function othersFlags(desk: Desk, open: OpenCase): HTMLElement | null {
    const mine = new Set(shownMismatches(desk, open))
    const others = open.detail.flags.filter(({ author, code }) => author !== desk.me.person.id && !mine.has(code))
    if (others.length === 0) return null
    const text = (code: string): string => (knows(`console.mismatch.${code}`) ? t(`console.mismatch.${code}`) : t("console.mismatch.other", { code }))
    const lines = others.map(({ author, code }) => h("li", null, h("b", null, nameOf(desk, author)), language() === "zh" ? "：" : ": ", text(code)))
    return alarm(t("console.case.flags"), "flags", h("ul", { class: "plain" }, lines))
}

export function urgency(value: string | null): HTMLElement | null {
    if (value !== "now" && value !== "soon") return null
    return h("p", { class: "state open", "data-testid": "urgency" }, icon("next"), h("span", null, t(`console.case.urgency.${value}`)))
}

function nextPromise(open: OpenCase): PromiseRow | null {
    const owed = open.detail.promises.filter((promise) => promise.state === "due" || promise.state === "missed")
    return [...owed].sort((a, b) => a.due.localeCompare(b.due))[0] ?? null
}

function nextUp(desk: Desk, open: OpenCase, answer: () => void): HTMLElement | null {
    if (open.detail.closed) {
        return h("p", { class: "state", "data-testid": "closed" }, icon("kept"), h("span", null, t("console.case.closed")))
    }
    const next = nextPromise(open)
    if (next === null) return null
    const due = new Date(next.due)
    const at = now(desk)
    const missed = next.state === "missed" || due.getTime() < at.getTime()
    const clock = missed
        ? h("span", { class: "clock is-missed" }, icon("missed"), lateness(due, at))
        : h("span", { class: "clock is-next" }, ring(gone(new Date(open.detail.received), due, at)), groupOf(due, at) === "today" ? t("console.case.today", { time: dueShort(due, at) }) : dueShort(due, at))
    return h(
        "section",
        { class: "sheet next-up", "aria-labelledby": "next-title", "data-testid": "next-up" },
        h("div", null, clock),
        h("div", null, h("h2", { id: "next-title" }, said(next.title)), h("p", null, missed ? missedText(desk, open, next) : ladderText(desk, open, next))),
        h("button", { class: "btn go no-print", type: "button", id: "answer-now", "data-testid": "answer-now", onclick: answer }, t("console.case.answer-now")),
    )
}

function rungName(desk: Desk, rung: number): string | null {
    const found = desk.facts.rungs.find((one) => one.number === rung)
    return found === undefined ? null : said(found.name)
}

function peopleOnRung(desk: Desk, open: OpenCase, rung: number): string {
    const ids = open.opened.manifest.reach[rung - 1] ?? []
    return listed(ids.map((id) => whoIs(desk, id)))
}

function missedText(desk: Desk, open: OpenCase, next: PromiseRow): string {
    const due = moment(new Date(next.due), now(desk))
    const rung = next.rung ?? 0
    const whom = rung > 0 ? peopleOnRung(desk, open, rung) || (rungName(desk, rung) ?? "") : ""
    return whom === "" ? t("console.case.missed", { due }) : t("console.case.missed-went", { due, whom })
}

/** What happens if nobody answers: the next rung that has somebody on it. */
function ladderText(desk: Desk, open: OpenCase, next: PromiseRow): string {
    const due = moment(new Date(next.due), now(desk))
    const { reach, start_rung: start } = open.opened.manifest
    for (let rung = Math.max(start, 0) + 1; rung <= reach.length; rung++) {
        if ((reach[rung - 1] ?? []).length > 0) return t("console.case.ladder", { due, whom: peopleOnRung(desk, open, rung) })
    }
    return t("console.case.by", { due })
}

function promises(desk: Desk, open: OpenCase): HTMLElement {
    const rows = open.detail.promises.map((promise) => ({
        id: promise.id,
        due: new Date(promise.due),
        title: said(promise.title),
        text: null,
        law: promise.law ?? null,
        note: promise.note ? said(promise.note) : null,
        state: promise.state,
        keptAt: promise.kept_at === null ? null : new Date(promise.kept_at),
        missedAt: promise.missed_at === null ? null : new Date(promise.missed_at),
        wentTo: promise.rung === null ? null : peopleOnRung(desk, open, promise.rung) || rungName(desk, promise.rung),
    }))
    const closing = open.detail.events.find((event) => event.type === "closed")
    return promiseList(rows, {
        received: new Date(open.detail.received),
        now: now(desk),
        closedAt: open.detail.closed && closing !== undefined ? new Date(closing.at) : null,
    })
}

/** Report, messages and notes in one line of time. */
function thread(desk: Desk, open: OpenCase): HTMLElement {
    const items = [
        ...open.messages.map((message) => ({ at: message.row.at, item: () => messageItem(desk, open, message) })),
        ...open.notes.map((note) => ({ at: note.at, item: () => noteItem(desk, note) })),
    ].sort((a, b) => a.at.localeCompare(b.at))
    return h("ol", { class: "thread", "data-testid": "thread" }, reportItem(desk, open), items.map(({ item }) => item()))
}

function appearance(open: OpenCase): string {
    const { answers } = open.opened.report
    if (open.opened.manifest.identity !== null) return t("console.appear.confidential")
    return answers["appear"] === "named" && typeof answers["name"] === "string" ? answers["name"] : t("console.appear.anonymous")
}

export function reportItem(desk: Desk, open: OpenCase): HTMLElement {
    const { report } = open.opened
    const what = report.answers["what"]
    return h(
        "li",
        { "data-testid": "report" },
        reportHead(desk, open),
        report.imported === undefined ? null : importedBox(desk, report.imported),
        paragraphs(typeof what === "string" ? what : ""),
        answersOf(open),
        ownAnswers(open),
        fieldList(report.imported?.fields ?? []),
        disclosures(desk, open),
        confidentialBox(open),
        excludedLine(desk, open),
    )
}

function reportHead(desk: Desk, open: OpenCase): HTMLElement {
    const { imported } = open.opened.report
    const when = h("span", null, moment(new Date(open.detail.received), now(desk)))
    if (imported === undefined) return h("header", null, h("b", null, t("console.reporter")), h("span", null, appearance(open)), when)
    return h("header", null, h("b", null, t("console.import.by", { name: whoIs(desk, imported.by) })), when)
}

/** That a handler brought it in, what the other system states, and whether its reporter has a way in. */
function importedBox(desk: Desk, imported: Imported): HTMLElement {
    return h(
        "div",
        { class: "told flow", "data-testid": "imported" },
        h("h3", null, t("console.import.not-sent")),
        stated(imported.source, imported.reference, imported.stated),
        h("p", { class: "small" }, imported.words ? t("console.import.has-words", { name: whoIs(desk, imported.by) }) : t("console.import.no-words")),
    )
}

/** The optional questions, in the order they were asked; others than ours are shown under their own name. */
function answersOf(open: OpenCase): HTMLElement | null {
    const { answers } = open.opened.report
    const known = ["when", "where", "who", "seen", "drink", "ongoing"]
    const others = Object.keys(answers).filter((key) => !known.includes(key) && !["what", "appear", "name"].includes(key))
    const rows = [...known, ...others].flatMap((key) => {
        const value = answers[key]
        if (typeof value !== "string" || value === "") return []
        const label = knows(`console.question.${key}`) ? t(`console.question.${key}`) : key
        const shown = (key === "drink" || key === "ongoing") && knows(`console.choice.${value}`) ? t(`console.choice.${value}`) : value
        return [h("dt", null, label), h("dd", null, shown)]
    })
    return rows.length === 0 ? null : h("dl", { class: "facts answers" }, rows)
}

/** The organisation's own questions, in the words that were asked. */
function ownAnswers(open: OpenCase): HTMLElement | null {
    const { questions } = open.opened.report
    if (questions === undefined || questions.asked.length === 0) return null
    return h("div", null, h("h3", { class: "asked-head" }, t("console.own.title")), askedList(questions.asked), h("p", { class: "small soft" }, t("console.own.version", { n: questions.version, language: languageName(questions.language) })))
}

function disclosures(desk: Desk, open: OpenCase): HTMLElement | null {
    const told = open.opened.report.earlier_disclosures
    if (told.length === 0) return null
    return h(
        "div",
        { class: "told", "data-testid": "told" },
        h("h3", null, t("console.told.title")),
        h(
            "ul",
            { class: "plain" },
            told.map((one) => {
                const name = toldWhom(desk, one)
                return h("li", null, one.on === null ? name : t("console.told.on", { who: name, day: longDay(new Date(`${one.on}T12:00:00Z`)) }))
            }),
        ),
    )
}

function toldWhom(desk: Desk, { person, to }: OpenCase["opened"]["report"]["earlier_disclosures"][number]): string {
    if (person === null) return to
    const name = nameOf(desk, person)
    return to === "" || to === name ? name : t("console.told.as", { name, words: to })
}

function confidentialBox(open: OpenCase): HTMLElement | null {
    if (open.confidential === null) {
        return open.opened.manifest.identity === null ? null : h("p", { class: "small soft" }, t("console.appear.confidential-text"))
    }
    return h(
        "div",
        { class: "told", "data-testid": "identity" },
        h("h3", null, t("console.appear.identity")),
        h("dl", { class: "facts" }, h("dt", null, t("console.appear.name")), h("dd", null, open.confidential.name), h("dt", null, t("console.appear.contact")), h("dd", null, open.confidential.contact)),
        h("p", { class: "small soft" }, t("console.appear.identity-text")),
    )
}

function excludedLine(desk: Desk, open: OpenCase): HTMLElement | null {
    const { excluded } = open.opened.report
    if (excluded.length === 0) return null
    return h("p", { class: "small soft", "data-testid": "excluded" }, t("console.case.excluded", { names: listed(excluded.map((id) => nameOf(desk, id))) }))
}

function messageItem(desk: Desk, open: OpenCase, { row, payload, faults }: OpenMessage): HTMLElement {
    const reporter = row.author === "reporter"
    const mine = row.author === desk.me.person.id
    const person = rosterPerson(desk, row.author)
    const who = reporter ? t("console.reporter") : whoIs(desk, row.author)
    const about = reporter ? appearance(open) : person === null ? "" : t(`console.role.${person.role}`)
    const kind = reporter || row.kind === "answer" || row.kind === "text" ? null : h("span", null, t(`console.kind.${row.kind}.short`))
    return h(
        "li",
        { class: mine ? "mine" : null, "data-author": row.author, "data-kind": row.kind },
        h("header", null, h("b", null, who), about === "" ? null : h("span", null, about), kind, h("span", null, moment(new Date(row.at), now(desk)))),
        payload === null ? h("p", { class: "soft" }, t("console.message.unreadable")) : paragraphs(payload.text),
        !reporter && payload?.ask?.length ? h("ul", { class: "plain", "data-testid": "asked" }, payload.ask.map((one) => h("li", null, said(one.text)))) : null,
        reporter && payload?.reply ? [h("h3", { class: "asked-head" }, t("console.ask.answers")), askedList(payload.reply.asked)] : null,
        payload !== null && payload.attachments.length > 0 ? h("p", { class: "small" }, t("console.message.files", { names: listed(payload.attachments.map((file) => file.name)) })) : null,
        row.promises.map((promise) => keptLine(open, promise)),
        faults.map((fault) => h("p", { class: "error small", "data-fault": fault }, t(`console.fault.${fault}`))),
        payload !== null && payload.kind !== row.kind ? h("p", { class: "error small", "data-fault": "kind" }, t("console.fault.kind")) : null,
        receiptButton(desk, row.receipt, `${who}, ${moment(new Date(row.at), now(desk))}`),
    )
}

function keptLine(open: OpenCase, id: string): HTMLElement {
    const promise = open.detail.promises.find((one) => one.id === id)
    return h("p", { class: "keeps" }, icon("kept"), t("console.message.kept", { title: promise === undefined ? id : said(promise.title) }))
}

function noteItem(desk: Desk, note: OpenNote): HTMLElement {
    return h(
        "li",
        { class: "inner", "data-testid": "panel-note" },
        h("header", null, h("b", null, t("console.note.head")), h("span", null, whoIs(desk, note.author)), h("span", null, moment(new Date(note.at), now(desk)))),
        note.text === null ? h("p", { class: "soft" }, t("console.note.unreadable")) : paragraphs(note.text),
    )
}

/** Hands out a receipt, checked first. */
function receiptButton(desk: Desk, receipt: string, of: string): HTMLElement | null {
    if (!receipt) return null
    const status = new Status()
    const press = button(
        t("console.receipt.get"),
        () => {
            try {
                verifyReceipt(receipt, desk.policy, { org: desk.facts.org })
                status.say(t("console.receipt.good"))
            } catch (error) {
                if (!(error instanceof CoreError)) throw error
                status.fail({ code: "bad-receipt" })
            }
            download(receiptName(receipt), receipt, "text/plain")
        },
        { quiet: true },
    )
    press.setAttribute("aria-label", t("console.receipt.get-this", { of }))
    press.classList.add("receipt-get")
    return h("div", { class: "no-print receipt-row" }, press, status.element)
}

function receiptName(receipt: string): string {
    try {
        return `receipt-${parseReceipt(receipt).index}.tlog-proof`
    } catch (error) {
        if (error instanceof CoreError) return "receipt.tlog-proof"
        throw error
    }
}

function receiptsBox(desk: Desk, open: OpenCase): HTMLElement | null {
    const others = open.detail.receipts.filter((one) => one.type !== "message")
    if (others.length === 0) return null
    return h(
        "details",
        { class: "fold no-print" },
        h("summary", { "data-testid": "receipts" }, t("console.receipt.title")),
        h(
            "ul",
            { class: "receipts" },
            others.map((one) => {
                const what = knows(`console.receipt.type.${one.type}`) ? t(`console.receipt.type.${one.type}`) : one.type
                const when = moment(new Date(one.at), now(desk))
                return h("li", null, h("p", { class: "small" }, what, language() === "zh" ? "，" : ", ", when), receiptButton(desk, one.receipt, `${what}, ${when}`))
            }),
        ),
    )
}

function printBox(): HTMLElement {
    return h(
        "div",
        { class: "flow no-print" },
        h("div", { class: "act" }, button(t("console.case.print"), () => window.print(), { id: "print-case", icon: "print" })),
        h("p", { class: "small soft" }, t("console.case.print-note")),
    )
}

function evidenceOf(desk: Desk, open: OpenCase): Evidence[] {
    const states = new Map(open.detail.attachments.map((one) => [one.sha256, one]))
    const state = (sha256: string): Evidence["state"] => {
        const row = states.get(sha256)
        if (row === undefined || (row.received === 0 && !row.done)) return "missing"
        return row.done ? "here" : "arriving"
    }
    const line = (who: string, at: string): string => t("console.evidence.from", { who, when: moment(new Date(at), now(desk)) })
    const first = open.opened.report.attachments.map((note) => ({ note, from: line(t("console.reporter"), open.detail.received), state: state(note.sha256) }))
    const later = open.messages.flatMap(({ row, payload }) => {
        const who = row.author === "reporter" ? t("console.reporter") : whoIs(desk, row.author)
        return (payload?.attachments ?? []).map((note) => ({ note, from: line(who, row.at), state: state(note.sha256) }))
    })
    return [...first, ...later]
}
