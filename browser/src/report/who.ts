/** Who reads this: the list of people, who is involved, and the panel that comes of it. */
import { drawReach, eligible, panelWarnings, proposePanel } from "../core/panel.ts"
import type { RosterPerson } from "../core/roster.ts"
import { fingerprintWords } from "../core/words.ts"
import { count, day, fill, h, languageName, linkTo, listed, note, rich, said, showErrors, t, type Child } from "../ui/index.ts"
import type { Desk } from "./desk.ts"
import type { Draft } from "./draft.ts"
import { button } from "./fields.ts"
import type { Step, Walk } from "./flow.ts"
import type { Readers } from "./readers.ts"

export function whoStep(desk: Desk): Step {
    return { name: "readers", number: 2, render: (walk) => page(desk, desk.readers as Readers, walk) }
}

/** The list doesn't add up: nothing can be sent to it, and the page says what to do instead. */
export function refusal(code: string, walk: Walk): Child {
    const why = code === "other-roster" ? "other" : code === "no-roster" ? "empty" : "broken"
    return [
        walk.line(),
        h("div", { class: "flow", "data-testid": "list-refused", "data-code": code },
            h("h1", null, t("report.refused.h1")),
            h("p", { class: "lead" }, t(`report.refused.${why}`)),
            h("p", { class: "read" }, t("report.refused.do")),
            h("div", { class: "act" }, h("a", { class: "btn go big", href: "other-ways", id: "other-ways" }, t("common.foot.other")), h("a", { class: "btn big", href: linkTo("report#record"), id: "to-record" }, t("start.record"))),
            h("p", { class: "small soft" }, t("report.refused.code", { code })),
        ),
    ]
}

function page(desk: Desk, readers: Readers, walk: Walk): Child {
    const { draft, list } = desk
    const roster = readers.newest
    const keyed = roster.people.filter((person) => person.recipient !== null)
    const overseers = roster.people.filter((person) => person.recipient === null)
    const panel = h("div", { class: "flow", "data-testid": "panel" })
    const said_ = h("p", { role: "status", "aria-live": "polite", class: "aside-only", id: "panel-said" })
    const redraw = (speak: boolean): void => {
        fill(panel, panelPart(desk, readers, () => redraw(true)))
        if (speak) said_.textContent = draft.panel.length ? t("report.who.now", { names: listed(names(roster.people, draft.panel)) }) : t("report.who.nobody.h2")
    }
    const tick = (id: string, on: boolean): void => {
        if (on) draft.excluded.add(id)
        else draft.excluded.delete(id)
        for (const gone of draft.excluded) draft.chosen.delete(gone)
        draft.panel = proposePanel(roster, out(draft, readers), draft.panel)
        redraw(true)
    }
    draft.panel = draft.chosen.size ? draft.panel.filter((id) => keyed.some((one) => one.id === id) && !out(draft, readers).includes(id)) : proposePanel(roster, out(draft, readers), draft.panel)
    redraw(false)
    const go = (): void => {
        if (draft.panel.length) return walk.next()
        showErrors(document.getElementById("main") as HTMLElement, [{ field: "close", text: t("report.who.nobody.error") }])
    }
    return [
        walk.line(),
        h("div", { class: "split" },
            h("div", { class: "flow" },
                h("h1", null, t("report.who.h1")),
                desk.listChanged && h("p", { class: "read", role: "status" }, h("b", null, t("report.who.changed"))),
                readers.newChainUntil && readers.newChainUntil > new Date() && h("p", { class: "read", "data-testid": "new-chain" }, h("b", null, t("report.who.new-chain", { date: day(readers.newChainUntil) }))),
                h("p", { class: "read" }, count("report.who.lead", keyed.length)),
                h("fieldset", { class: "question flow read", id: "close", tabindex: "-1" },
                    h("legend", null, t("report.who.close")), h("p", { class: "hint" }, t("report.who.close-hint")),
                    h("div", { class: "people" }, keyed.map((person) => card(person, draft.excluded.has(person.id), readers.gone.includes(person.id), tick)))),
                overseers.length > 0 && h("fieldset", { class: "question flow read" },
                    h("legend", null, t("report.who.overseers")), h("p", { class: "hint" }, t("report.who.overseers-hint")),
                    h("div", { class: "people" }, overseers.map((person) => card(person, draft.excluded.has(person.id), readers.gone.includes(person.id), tick)))),
                panel, said_,
                h("div", { class: "act" }, button("next", t("report.who.go"), go)),
            ),
            h("aside", { class: "notes" },
                note(t("report.who.note.open"), h("p", null, t("report.who.note.open-text"))),
                note(t("report.who.note.list"), h("p", null, t("report.who.note.list-words")), h("p", { lang: list.language === "zh" ? "zh-CN" : "en", "data-testid": "fingerprint" }, h("b", null, fingerprintWords(readers.first.text, list).join(list.language === "zh" ? "　" : " "))),
                    h("p", null, t(readers.anchored ? "report.who.note.list-anchored" : "report.who.note.list-compare")), h("p", null, t("report.who.note.list-number", { n: readers.newest.number + 1, date: newestDate(readers) }))),
                note(t("report.who.note.small"), h("p", null, t("report.who.note.small-text"))),
            ),
        ),
    ]
}

function newestDate(readers: Readers): string {
    const days = readers.newest.people.map((person) => person.from).sort()
    return day(new Date(`${days[days.length - 1]}T12:00:00Z`))
}

/** Who is not proposed: those she ticked, which is sealed, and those who left, which is not. */
function out(draft: Draft, readers: Readers): string[] {
    return [...draft.excluded, ...readers.gone]
}

function card(person: RosterPerson, ticked: boolean, gone: boolean, tick: (id: string, on: boolean) => void): HTMLElement {
    const input = h("input", { type: "checkbox", name: "close", id: `close-${person.id}`, "data-testid": "close", "data-person": person.id, checked: ticked, onchange: () => tick(person.id, input.checked) })
    return h("label", { class: "person" }, face(person), h("span", null, h("b", null, said(person.name)), h("span", null, gone ? t("report.who.gone") : dutyOf(person))), input)
}

function face(person: RosterPerson): HTMLElement {
    return h("span", { class: "face", "aria-hidden": "true" }, Array.from(said(person.name))[0] ?? "")
}

/** "Lead · Legal, Shanghai · reads English and Chinese". */
function dutyOf(person: RosterPerson): string {
    const reads = person.recipient === null ? [] : [t("report.who.reads", { languages: listed(person.languages.map(languageName)) })]
    const role = t(`report.who.role.${person.role}`)
    const duty = said(person.duty)
    return [...(duty.startsWith(role) ? [] : [role]), duty, ...reads].join(" · ")
}

function names(people: readonly RosterPerson[], ids: readonly string[]): string[] {
    return people.filter((person) => ids.includes(person.id)).map((person) => said(person.name))
}

function panelPart(desk: Desk, readers: Readers, changed: () => void): Child {
    const { draft } = desk
    const roster = readers.newest
    const left = eligible(roster, out(draft, readers))
    if (!left.length) return nobody()
    const off = (id: string): void => {
        draft.panel = draft.panel.filter((one) => one !== id)
        for (const one of draft.panel) draft.chosen.add(one)
        changed()
    }
    const on = (id: string): void => {
        draft.panel = [...draft.panel, id].sort()
        draft.chosen.add(id)
        changed()
    }
    const members = left.filter((person) => draft.panel.includes(person.id))
    const others = left.filter((person) => !draft.panel.includes(person.id))
    const ticked = names(roster.people, Array.from(draft.excluded))
    return [
        h("h2", null, count("report.who.panel", members.length)),
        h("ul", { class: "people read" }, members.map((person) => h("li", { class: "person", "data-testid": "panel-member", "data-person": person.id }, face(person),
            h("span", null, h("b", null, said(person.name)), h("span", null, why(desk, person))),
            h("button", { class: "btn quiet", type: "button", "aria-label": t("report.who.off-name", { name: said(person.name) }), onclick: () => off(person.id) }, t("report.who.off"))))),
        ticked.length > 0 && h("p", { class: "read soft" }, count("report.who.left-out", ticked.length, { names: listed(ticked) })),
        others.length > 0 && h("details", { class: "read", id: "others", open: members.length === 0 }, h("summary", null, t("report.who.others")),
            h("ul", { class: "people" }, others.map((person) => h("li", { class: "person", "data-person": person.id }, face(person), h("span", null, h("b", null, said(person.name)), h("span", null, dutyOf(person))),
                h("button", { class: "btn quiet", type: "button", "aria-label": t("report.who.on-name", { name: said(person.name) }), onclick: () => on(person.id) }, t("report.who.on")))))),
        warnings(desk, readers),
    ]
}

function why(desk: Desk, person: RosterPerson): string {
    if (person.role === "external") return t("report.who.why.external")
    if (person.role === "lead") return t("report.who.why.lead")
    return t(desk.draft.chosen.has(person.id) ? "report.who.why.chosen" : "report.who.why.drawn")
}

function warnings(desk: Desk, readers: Readers): Child {
    const { draft } = desk
    const found = panelWarnings(readers.newest, draft.panel, drawReach(readers.newest, out(draft, readers)), out(draft, readers))
    const lines = found.filter(({ code }) => code !== "nobody").map((warning) => h("li", { "data-warning": warning.code }, t(warning.code === "empty-rung" ? `report.who.warn.empty-${warning.rung}` : `report.who.warn.${warning.code}`)))
    return lines.length > 0 && h("div", { class: "note read" }, h("ul", { class: "plain" }, lines))
}

function nobody(): Child {
    return h("div", { class: "empty flow", "data-testid": "nobody" }, h("h2", null, t("report.who.nobody.h2")), h("p", null, rich("report.who.nobody.text", { other: h("a", { href: "other-ways", target: "_blank", rel: "noopener" }, t("common.foot.other")) })))
}
