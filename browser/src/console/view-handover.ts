/** Cases that wait for a handover: each in one step, or all of mine one after the other. */
import { eligible } from "../core/panel.ts"
import { caseNames, nameOf, newestRoster, now, whoIs, type Desk, type View } from "./desk.ts"
import { fill, h, icon } from "./dom.ts"
import { handOver, waitsForHandover } from "./handover.ts"
import { button, busy, field, heading, Status, wordsFor } from "./parts.ts"
import type { InboxCase } from "./types.ts"
import { unlockBox } from "./unlock.ts"
import { allCases } from "./view-inbox.ts"
import { moment } from "./when.ts"
import { count, language, listed, said, t } from "./words.ts"

export function handoverView(desk: Desk): View {
    const title = t("console.handover.title")
    const step = h("div", { class: "step" }, h("a", { href: "#inbox" }, icon("back"), t("console.inbox.title")))
    const head = [step, heading(title), h("p", { class: "lead" }, t("console.handover.lead"))]
    if (!desk.session.isOpen) return { title, element: h("div", { class: "flow" }, head, unlockBox(desk)) }
    const page = new HandoverPage(desk)
    return { title, element: h("div", { class: "flow read", "data-testid": "handover" }, head, page.element), refresh: () => page.refresh(), stop: () => page.stop() }
}

class HandoverPage {
    readonly element = h("div", { class: "flow" }, h("p", { class: "soft", role: "status" }, t("console.inbox.loading")))
    private readonly joins = h("select", { id: "joins", "data-testid": "joins" }) as HTMLSelectElement
    private readonly status = new Status()
    /** What became of the cases that were handed over on this page. */
    private readonly done = new Map<string, string>()
    private readonly places = new Map<string, Status>()
    private rows: readonly InboxCase[] = []
    /** Ids of everyone on the roster who is still here. */
    private here: ReadonlySet<string> | null = null
    private known = ""
    private running = false
    private stopped = false

    constructor(private readonly desk: Desk) {
        void this.refresh().catch((error: unknown) => fill(this.element, h("p", { role: "alert" }, wordsFor(error))))
    }

    stop(): void {
        this.stopped = true
        this.element.replaceChildren()
    }

    async refresh(): Promise<void> {
        if (this.running) return
        const rows = await allCases(this.desk)
        this.here ??= new Set((await this.desk.server.roster()).people.map(({ id }) => id))
        if (this.running || this.stopped) return
        this.rows = rows.filter((row) => waitsForHandover(row) || this.done.has(row.case))
        const news = JSON.stringify(this.rows.map((row) => [row.case, row.leaving, row.panel]))
        if (news === this.known) return
        this.known = news
        this.draw()
    }

    private waiting(): InboxCase[] {
        return this.rows.filter((row) => !this.done.has(row.case))
    }

    private draw(): void {
        const { desk } = this
        if (this.rows.length === 0) {
            fill(this.element, h("div", { class: "empty" }, h("p", null, h("b", null, t("console.handover.none")), " ", t("console.handover.none-then"))))
            return
        }
        const leaving = new Set(this.rows.flatMap((row) => row.leaving.map(({ person }) => person)))
        const roster = newestRoster(desk)
        const others = roster === null ? [] : eligible(roster, [...leaving, desk.me.person.id]).filter(({ id }) => this.here?.has(id) ?? true)
        const chosen = this.joins.value
        fill(this.joins, h("option", { value: "" }, t("console.handover.nobody-joins")), others.map((person) => h("option", { value: person.id }, said(person.name))))
        this.joins.value = others.some(({ id }) => id === chosen) ? chosen : ""
        const all: HTMLButtonElement = button(count("console.handover.all", this.waiting().length), () => void this.run(all, this.waiting()), { id: "hand-over-all", main: true, icon: "sealed" })
        const names = caseNames(this.rows.map((row) => row.case))
        this.places.clear()
        fill(
            this.element,
            field(t("console.handover.joins"), this.joins, t("console.handover.joins-hint")),
            this.waiting().length > 1 ? h("div", { class: "act" }, all) : null,
            this.status.element,
            h("ul", { class: "waits", "data-testid": "handover-rows" }, this.rows.map((row) => this.item(row, names.get(row.case) ?? ""))),
        )
    }

    private item(row: InboxCase, name: string): HTMLElement {
        const { desk } = this
        const place = new Status()
        this.places.set(row.case, place)
        const done = this.done.get(row.case)
        if (done !== undefined) place.say(done)
        const leaving = row.leaving.map(({ person, why, at }) => h("p", { class: "small" }, t(`console.handover.${why}`, { name: nameOf(desk, person), when: moment(new Date(at), now(desk)) })))
        const gone = new Set(row.leaving.map(({ person }) => person))
        const stay = row.panel.filter((id) => !gone.has(id))
        const press: HTMLButtonElement = button(t("console.handover.one"), () => void this.run(press, [row]), { icon: "sealed" })
        press.setAttribute("aria-label", t("console.handover.one-of", { name }))
        return h(
            "li",
            { "data-case": row.case },
            h(
                "div",
                { class: "flow" },
                h("h2", null, h("a", { href: `#case/${row.case}` }, name)),
                done === undefined ? leaving : null,
                done === undefined ? h("p", { class: "small soft" }, t("console.handover.stay", { names: listed(stay.map((id) => whoIs(desk, id))) })) : null,
                done === undefined && stay.length === 1 ? h("p", { class: "small is-next" }, t("console.handover.alone")) : null,
                done === undefined ? h("div", { class: "act" }, press) : null,
                place.element,
            ),
        )
    }

    /** One after the other; what fails is said at its case, and the others go on. */
    private async run(press: HTMLButtonElement, rows: readonly InboxCase[]): Promise<void> {
        if (this.running) return
        const joins = this.joins.value === "" ? null : this.joins.value
        this.running = true
        let failed = 0
        await busy(press, this.status, t("console.handover.doing"), async () => {
            for (const [i, row] of rows.entries()) {
                if (rows.length > 1) this.status.say(t("console.handover.progress", { n: i + 1, of: rows.length }))
                const place = this.places.get(row.case)
                try {
                    const { joined, readers } = await handOver(this.desk, row.case, joins)
                    const words = [count("console.handover.done", readers), joined || joins === null ? "" : t("console.handover.not-joined", { name: nameOf(this.desk, joins) })]
                    this.done.set(row.case, words.filter((one) => one !== "").join(language() === "zh" ? "" : " "))
                } catch (error) {
                    failed += 1
                    place?.fail(error)
                }
                if (this.stopped) return
            }
        })
        this.running = false
        if (this.stopped) return
        if (failed > 0) {
            this.status.say(count("console.handover.failed", failed))
            return
        }
        this.known = ""
        await this.refresh()
        this.status.say(count("console.handover.finished", rows.length))
        this.desk.say(count("console.handover.finished", rows.length))
    }
}
