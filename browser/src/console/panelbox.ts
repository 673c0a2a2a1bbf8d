/** Who reads a case, who came and went, and changing it: by sealing the case's keys anew (PROTOCOLS 2.8). */
import { eligible } from "../core/panel.ts"
import type { RosterPerson } from "../core/roster.ts"
import { keyWords, nameOf, newestRoster, now, rosterByHash, rosterPerson, whoIs, type Desk } from "./desk.ts"
import { h, type Child } from "./dom.ts"
import { changePanel, handOver, REASONS, stepDown, type Reason } from "./handover.ts"
import { readersOf, type OpenCase } from "./opencase.ts"
import { busy, button, Status, tick } from "./parts.ts"
import { moment } from "./when.ts"
import { language, listed, said, t } from "./words.ts"

const ORDER = ["lead", "handler", "external"] as const

export function panelBox(desk: Desk, open: OpenCase, onChanged: () => Promise<void>): HTMLElement {
    const byRole = ORDER.map((role) => [role, readersOf(open).filter((id) => (rosterPerson(desk, id)?.role ?? "handler") === role)] as const)
    return h(
        "section",
        { class: "flow", "aria-labelledby": "panel-title", "data-testid": "panel" },
        h("h2", { id: "panel-title" }, t("console.panel.title")),
        h(
            "dl",
            { class: "facts" },
            byRole
                .filter(([, ids]) => ids.length > 0)
                .map(([role, ids]) => [h("dt", null, t(`console.role.${role}`)), h("dd", null, listed(ids.map((id) => withYou(desk, id))))]),
        ),
        open.steps.map((step) => h("p", { class: "small soft" }, stepText(desk, step))),
        waitingBox(desk, open, onChanged),
        changeBox(desk, open, onChanged),
        stepDownBox(desk, open),
    )
}

/** Somebody left or stepped down: the rest seals the case anew, here or on the handover page. */
function waitingBox(desk: Desk, open: OpenCase, onChanged: () => Promise<void>): HTMLElement | null {
    const { leaving } = open.detail
    if (leaving.length === 0 || open.detail.closed) return null
    const status = new Status()
    const press: HTMLButtonElement = button(
        t("console.handover.one"),
        () =>
            void busy(press, status, t("console.handover.doing"), async () => {
                await handOver(desk, open.id, null)
                await onChanged()
            }),
        { id: "hand-over", main: true, icon: "sealed" },
    )
    return h(
        "section",
        { class: "note flow no-print", "aria-labelledby": "waiting-title", "data-testid": "waiting" },
        h("h3", { id: "waiting-title" }, t("console.handover.case-title")),
        leaving.map(({ person, why, at }) => h("p", { class: "small" }, t(`console.handover.${why}`, { name: nameOf(desk, person), when: moment(new Date(at), now(desk)) }))),
        readersOf(open).length === 1 ? h("p", { class: "small is-next" }, t("console.handover.alone")) : null,
        h("div", { class: "act" }, press),
        status.element,
    )
}

/** The button that gives one's seat back. The last reader is told what to do first instead. */
function stepDownBox(desk: Desk, open: OpenCase): HTMLElement | null {
    const mine = readersOf(open)
    if (!mine.includes(desk.me.person.id) || open.detail.closed) return null
    if (mine.length === 1) {
        return h("details", { class: "fold no-print" }, h("summary", { "data-testid": "step-down" }, t("console.step-down.button")), h("p", { class: "small", "data-testid": "last-reader" }, t("console.step-down.last")))
    }
    const status = new Status()
    const none = tick(t("console.step-down.reason.none"), { kind: "radio", name: "reason", value: "", id: "reason-none", checked: true })
    const reasons = REASONS.map((reason) => tick(t(`console.step-down.reason.${reason}`), { kind: "radio", name: "reason", value: reason, id: `reason-${reason}` }))
    const press: HTMLButtonElement = button(
        t("console.step-down.button"),
        () =>
            void busy(press, status, t("console.sending"), async () => {
                const reason = reasons.find(({ input }) => input.checked)?.input.value
                await stepDown(desk, open, (reason as Reason | undefined) ?? null)
                desk.say(t("console.step-down.done"))
                desk.go({ view: "inbox" })
            }),
        { id: "step-down-now", icon: "next" },
    )
    return h(
        "details",
        { class: "fold no-print" },
        h("summary", { "data-testid": "step-down" }, t("console.step-down.button")),
        h(
            "div",
            { class: "flow" },
            h("p", { class: "small" }, t("console.step-down.lead")),
            h("fieldset", { class: "choices" }, h("legend", null, t("console.step-down.why")), [none, ...reasons].map(({ label }) => label), h("p", { class: "hint" }, t("console.step-down.why-hint"))),
            h("div", { class: "act" }, press),
            status.element,
        ),
    )
}

function withYou(desk: Desk, id: string): string {
    return id === desk.me.person.id ? t("console.roster.you", { name: nameOf(desk, id) }) : nameOf(desk, id)
}

function stepText(desk: Desk, step: OpenCase["steps"][number]): string {
    const when = moment(new Date(step.at), now(desk))
    const by = step.author === null ? "" : whoIs(desk, step.author)
    const names = (ids: readonly string[]): string => listed(ids.map((id) => nameOf(desk, id)))
    const parts: string[] = []
    if (step.joined.length > 0) parts.push(t("console.panel.joined", { names: names(step.joined) }))
    if (step.left.length > 0) parts.push(t("console.panel.left", { names: names(step.left) }))
    if (parts.length === 0) parts.push(t("console.panel.resealed"))
    return t("console.panel.step", { when, what: parts.join(language() === "zh" ? "，" : ", "), by })
}

function changeBox(desk: Desk, open: OpenCase, onChanged: () => Promise<void>): HTMLElement | null {
    const roster = newestRoster(desk)
    if (roster === null || !open.panel.includes(desk.me.person.id)) return null
    const sealedWith = rosterByHash(desk, open.opened.manifest.roster)
    const gone = open.detail.leaving.map(({ person }) => person)
    const left = (desk.watch.gone ?? []).filter((id) => !open.panel.includes(id))
    const candidates = eligible(roster, [...open.opened.report.excluded, ...gone, ...left])
    const status = new Status()
    const ticks = candidates.map((person) => ({
        person,
        ...tick(personWords(open, person, sealedWith?.people.find((one) => one.id === person.id) ?? null), {
            checked: open.panel.includes(person.id),
            value: person.id,
            id: `panel-${person.id}`,
        }),
    }))
    const press: HTMLButtonElement = button(
        t("console.panel.seal"),
        () =>
            void busy(press, status, t("console.sending"), async () => {
                const panel = ticks.filter(({ input }) => input.checked).map(({ person }) => person.id)
                await changePanel(desk, open, panel)
                await onChanged()
            }),
        { id: "seal-panel", main: true, icon: "sealed" },
    )
    return h(
        "details",
        { class: "fold no-print" },
        h("summary", { "data-testid": "change-panel" }, t("console.panel.change")),
        h(
            "div",
            { class: "flow" },
            h("p", { class: "small" }, t("console.panel.change-lead")),
            h("fieldset", { class: "choices" }, h("legend", { class: "aside-only" }, t("console.panel.change")), ticks.map(({ label }) => label)),
            h("p", { class: "small soft" }, t("console.panel.change-note")),
            h("div", { class: "act" }, press),
            status.element,
        ),
    )
}

/** A key in words wherever it is new to this case: who joins, and whose key changed since it was sealed. */
function personWords(open: OpenCase, person: RosterPerson, before: RosterPerson | null): Child {
    const joins = !open.panel.includes(person.id)
    const changed = !joins && before !== null && (before.recipient !== person.recipient || before.sign !== person.sign)
    return [
        h("b", null, said(person.name)),
        h("span", { class: "small soft block" }, said(person.duty)),
        changed ? h("span", { class: "small block is-next" }, t("console.panel.key-changed")) : null,
        joins || changed ? h("span", { class: "small block key-line" }, t("console.roster.key", { words: keyWords(person) })) : null,
    ]
}
