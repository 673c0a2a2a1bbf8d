/** The inbox: what is due comes first, by dates and neutral names; titles only while the console is open. */
import { caseNames, now, placeOf, whoIs, type Desk, type View } from "./desk.ts"
import { fill, h, icon, ring, type Child } from "./dom.ts"
import { waitsForHandover } from "./handover.ts"
import { openTitle } from "./opencase.ts"
import { alarm, button, heading } from "./parts.ts"
import { reader } from "./reader.ts"
import { Offline } from "./server.ts"
import type { InboxCase, PromiseRow } from "./types.ts"
import { unlockBox } from "./unlock.ts"
import { dueShort, gone, groupOf, lateness, longMoment, moment, type Group } from "./when.ts"
import { count, language, listed, said, t, type Bilingual } from "./words.ts"
import { unb64url } from "../core/bytes.ts"
import { parseManifest } from "../core/manifest.ts"
import { CoreError } from "../core/errors.ts"
import { wordsFor } from "./parts.ts"

type Filter = "mine" | "waiting" | "closed"
const FILTERS: readonly Filter[] = ["mine", "waiting", "closed"]
const GROUPS: readonly Group[] = ["missed", "today", "week", "later"]

/** What the inbox shows, kept while the page changes and comes back. */
interface Shown {
    filter: Filter
    cases: readonly InboxCase[] | null
}
const shown: Shown = { filter: "mine", cases: null }

/** The oldest missed promise of a case, by "<case>/<missed ids>": the inbox names only ids of what was missed. */
const missedRows = new Map<string, PromiseRow>()
const missedKey = (row: InboxCase): string => `${row.case}/${row.missed.join()}`

async function fetchMissed(desk: Desk, cases: readonly InboxCase[]): Promise<void> {
    for (const row of cases) {
        if (row.missed.length === 0 || missedRows.has(missedKey(row))) continue
        const { promises } = await desk.server.case(row.case)
        const oldest = promises.filter(({ id, state }) => row.missed.includes(id) && state === "missed").sort((a, b) => a.due.localeCompare(b.due))[0]
        if (oldest !== undefined) missedRows.set(missedKey(row), oldest)
    }
}

/** What the row's clock is about: what was missed first, else what comes next. */
function nextOf(row: InboxCase): { readonly title: Bilingual; readonly due: string } | null {
    return (row.missed.length > 0 ? missedRows.get(missedKey(row)) : undefined) ?? row.next
}

export function inboxView(desk: Desk): View {
    const list = h("div", { class: "flow", id: "cases", "data-testid": "cases" })
    const summary = h("p", { class: "soft", "data-testid": "summary" })
    const filters = h("div", { class: "act filters", role: "group", "aria-label": t("console.inbox.filters") })
    const waiting = h("div", { "data-testid": "handover-waits" })
    let stopped = false

    const draw = (): void => {
        if (stopped) return
        fill(summary, summaryText(desk))
        fill(waiting, handoverWaits(shown.cases ?? []))
        fill(filters, FILTERS.map((filter) => filterButton(filter, () => { shown.filter = filter; draw() })))
        fill(list, groups(desk, shown.cases))
    }
    const refresh = async (): Promise<void> => {
        const before = JSON.stringify(shown.cases)
        shown.cases = await allCases(desk)
        await fetchMissed(desk, shown.cases)
        // Nothing moves under the hand of somebody who reads, unless something did change.
        if (before !== JSON.stringify(shown.cases) || desk.session.isOpen) await openTitles(desk, shown.cases)
        const focused = document.activeElement?.getAttribute("href") ?? null
        draw()
        if (focused !== null) list.querySelector<HTMLElement>(`a[href="${focused}"]`)?.focus()
    }
    draw()
    void refresh().catch((error: unknown) => {
        if (!(error instanceof Offline)) fill(list, h("p", { role: "alert" }, wordsFor(error)))
        else fill(list, h("p", { role: "status" }, t("console.line.lost")))
    })
    const element = h(
        "div",
        { class: "flow" },
        heading(t("console.inbox.title")),
        summary,
        rosterAlarms(desk),
        waitingForRoster(desk),
        waiting,
        desk.session.isOpen ? null : unlockBox(desk),
        filters,
        list,
        h("p", { class: "small" }, h("a", { href: "#sealed", "data-testid": "to-sealed" }, t("console.sealed.link"))),
        h("p", { class: "small" }, h("a", { href: "#import", "data-testid": "to-import" }, t("console.import.link"))),
    )
    return { title: t("console.inbox.title"), element, refresh, stop: () => { stopped = true } }
}

/** How many open cases of mine wait until somebody seals them without a person who left. */
function handoverWaits(cases: readonly InboxCase[]): HTMLElement | null {
    const waiting = cases.filter(waitsForHandover).length
    if (waiting === 0) return null
    return h("p", { class: "state next" }, icon("next"), h("span", null, count("console.handover.waits", waiting), " ", h("a", { href: "#handover", "data-testid": "to-handover" }, t("console.handover.look"))))
}

export async function allCases(desk: Desk): Promise<InboxCase[]> {
    const cases: InboxCase[] = []
    let after: string | undefined
    do {
        const page = await desk.server.inbox(after)
        desk.skew = Date.parse(page.server_time) - Date.now()
        cases.push(...page.cases)
        after = page.next ?? undefined
    } while (after !== undefined)
    return cases
}

async function openTitles(desk: Desk, cases: readonly InboxCase[]): Promise<void> {
    for (const row of cases) {
        const key = `${row.case}/${row.keys_epoch}`
        if (!desk.session.isOpen || desk.titles.has(key)) continue
        const title = await openTitle(row, reader(desk), (words) => t("console.import.mark", { title: words }))
        // The console may have been locked while this one was opened.
        if (desk.session.isOpen) desk.titles.set(key, title ?? "")
    }
}

function filterButton(filter: Filter, act: () => void): HTMLElement {
    const pressed = shown.filter === filter
    return h(
        "button",
        { class: "btn quiet", type: "button", "aria-pressed": String(pressed), "data-testid": `filter-${filter}`, onclick: act },
        t(`console.inbox.filter.${filter}`),
    )
}

function summaryText(desk: Desk): string {
    const at = longMoment(now(desk))
    if (shown.cases === null) return at
    const open = shown.cases.filter((row) => !row.closed)
    const due = open.filter((row) => row.missed.length > 0 || (row.next !== null && groupOf(new Date(row.next.due), now(desk)) !== "later"))
    return `${at}${language() === "zh" ? "。" : ". "}${count("console.inbox.on", open.length)}${count("console.inbox.due", due.length)}`
}

function groups(desk: Desk, cases: readonly InboxCase[] | null): Child[] {
    if (cases === null) return [h("p", { class: "soft", role: "status" }, t("console.inbox.loading"))]
    const names = caseNames(cases.map((row) => row.case))
    const wanted = cases.filter((row) => (shown.filter === "closed" ? row.closed : !row.closed && (shown.filter === "mine" || row.unanswered)))
    if (wanted.length === 0) return [empty()]
    const part = (title: string, rows: readonly InboxCase[], testid: string): Child[] => [
        h("h2", null, title, h("span", { class: "count" }, String(rows.length))),
        h("ul", { class: "rows", "data-testid": testid }, rows.map((row) => caseRow(desk, row, names.get(row.case) ?? ""))),
    ]
    if (shown.filter === "closed") return part(t("console.inbox.closed"), wanted, "group-closed")
    return GROUPS.flatMap((group) => {
        const rows = wanted.filter((row) => rowGroup(row, desk) === group).sort(byDue)
        return rows.length === 0 ? [] : part(t(`console.inbox.${group}`), rows, `group-${group}`)
    })
}

function rowGroup(row: InboxCase, desk: Desk): Group {
    if (row.missed.length > 0) return "missed"
    return row.next === null ? "later" : groupOf(new Date(row.next.due), now(desk))
}

function byDue(a: InboxCase, b: InboxCase): number {
    return (nextOf(a)?.due ?? "9").localeCompare(nextOf(b)?.due ?? "9")
}

function empty(): HTMLElement {
    return h(
        "div",
        { class: "empty" },
        h("p", null, h("b", null, t(`console.inbox.none.${shown.filter}`)), " ", t(`console.inbox.none.${shown.filter}.then`)),
    )
}

function caseRow(desk: Desk, row: InboxCase, name: string): HTMLElement {
    const title = desk.titles.get(`${row.case}/${row.keys_epoch}`)
    const place = placeName(desk, row)
    const at = moment(new Date(row.received), now(desk))
    const under = [title === undefined || title === "" ? null : name, place, t("console.inbox.came", { when: at })].filter((one) => one !== null)
    return h(
        "li",
        { "data-case": row.case },
        h("div", null, clock(desk, row)),
        h(
            "div",
            null,
            h("a", { href: `#case/${row.case}` }, title === undefined || title === "" ? name : title),
            h("p", { class: "small soft" }, under.join(" · ")),
        ),
        h("div", { class: "small" }, h("p", null, owed(row)), row.flags > 0 ? h("p", { class: "is-missed" }, count("console.inbox.flags", row.flags)) : null),
        h("p", { class: "small soft" }, withWhom(desk, row)),
    )
}

function placeName(desk: Desk, row: InboxCase): string | null {
    try {
        const place = placeOf(desk.facts, parseManifest(unb64url(row.manifest)).jurisdiction)
        return place === null ? null : said(place)
    } catch (error) {
        if (error instanceof CoreError) return null
        throw error
    }
}

function clock(desk: Desk, row: InboxCase): HTMLElement {
    if (row.closed) return h("span", { class: "clock is-kept" }, icon("kept"), t("console.inbox.is-closed"))
    const next = nextOf(row)
    if (next === null) return h("span", { class: "clock is-kept" }, icon("kept"), t("console.inbox.nothing-due"))
    const due = new Date(next.due)
    const at = now(desk)
    if (due.getTime() < at.getTime()) return h("span", { class: "clock is-missed" }, icon("missed"), lateness(due, at))
    const soon = groupOf(due, at) === "today"
    return h("span", { class: `clock ${soon ? "is-next" : "is-kept"}` }, ring(gone(new Date(row.received), due, at)), dueShort(due, at))
}

function owed(row: InboxCase): string {
    const parts: string[] = []
    const next = nextOf(row)
    if (next !== null && !row.closed) parts.push(said(next.title))
    if (row.unanswered && row.messages.reporter > 0) parts.push(t("console.inbox.unanswered"))
    return parts.join(language() === "zh" ? "；" : "; ")
}

function withWhom(desk: Desk, row: InboxCase): Child {
    const mine = desk.me.person.id
    const gone = new Set(row.leaving.map(({ person }) => person))
    const names = row.panel.filter((id) => !gone.has(id)).sort((a, b) => Number(b === mine) - Number(a === mine)).map((id) => whoIs(desk, id))
    const whom = names.length > 1 && row.messages.handlers === 0 ? count("console.inbox.open-to", names.length) : listed(names)
    const rung = desk.facts.rungs.find((one) => one.number === row.rung)
    if (row.missed.length === 0 || rung === undefined || row.rung === 0) return whom
    return [whom, h("br"), h("b", null, t("console.inbox.went-to", { whom: said(rung.name) }))]
}

function waitingForRoster(desk: Desk): HTMLElement | null {
    if (desk.me.in_roster) return null
    return h(
        "p",
        { class: "state", "data-testid": "waiting-roster" },
        icon("due"),
        h("span", null, t("console.key.waiting")),
        button(t("console.nav.roster"), () => desk.go({ view: "roster" })),
    )
}

/** The short form on the inbox; the roster's own page says everything. */
export function rosterAlarms(desk: Desk): HTMLElement | null {
    const { alarms, unseen } = desk.watch
    if (alarms.length === 0 && unseen.length === 0) return null
    const link = button(t("console.roster.look"), () => desk.go({ view: "roster" }))
    if (alarms.length > 0) {
        const lines = [...new Set(alarms.map(({ code }) => code))].map((code) => h("li", null, t(`console.alarm.${code}`)))
        return alarm(t("console.alarm.title"), "roster-alarm", h("ul", { class: "plain" }, lines), link)
    }
    return alarm(t("console.roster.unseen.title"), "roster-unseen", h("p", null, count("console.roster.unseen", unseen.length)), link)
}
