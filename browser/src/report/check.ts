/** Check your answers; then what will happen by when if she sends now, asked of the server with country and rung only. */
import { startRung } from "../core/panel.ts"
import { asked } from "../core/questions.ts"
import { promiseList } from "../sheets/promises.ts"
import { answerWords } from "../sheets/questions.ts"
import { clockPlace, count, day, dayAndTime, fill, h, language, listed, said, showErrors, t, type Child } from "../ui/index.ts"
import type { Desk } from "./desk.ts"
import { disclosures, saysSomething } from "./draft.ts"
import { button, choices } from "./fields.ts"
import type { Step, Walk } from "./flow.ts"

export function checkStep(desk: Desk): Step {
    const { draft } = desk
    const report = draft.kind === "report"
    return {
        name: "check",
        number: report ? 6 : 4,
        render: (walk) => {
            const go = (): void => {
                if (saysSomething(draft)) return walk.next()
                showErrors(document.getElementById("main") as HTMLElement, [{ field: "change-what", text: t("report.check.empty") }])
            }
            return [
                walk.line(),
                h("div", { class: report ? "split" : "" },
                    h("div", { class: "flow" },
                        h("h1", null, t("report.check.h1")), h("p", { class: "read" }, t(report ? "report.check.lead" : "report.check.record-lead")),
                        h("dl", { class: "answers read", "data-testid": "answers" }, rows(desk).map(([step, term, value], i, all) => row(walk, step, term, value, all.findIndex(([one]) => one === step) === i))),
                        report && urgency(desk),
                        h("div", { class: "act" }, button("next", t("report.check.go"), go)),
                        h("p", { class: "read soft" }, t("report.check.not-yet")),
                    ),
                    report && promises(desk),
                ),
            ]
        },
    }
}

function row(walk: Walk, step: string, term: string, value: Child, first: boolean): HTMLElement {
    return h("div", null, h("dt", null, term), h("dd", { class: "clip" }, value),
        h("dd", { class: "change" }, h("button", { class: "btn quiet", type: "button", id: first ? `change-${step}` : null, "aria-label": t("report.check.change", { what: term }), onclick: () => walk.to(step) }, t("common.change"))))
}

function rows(desk: Desk): [string, string, Child][] {
    const { draft } = desk
    const { answers } = draft
    const found: [string, string, Child][] = []
    const people = desk.readers?.newest.people ?? []
    if (draft.kind === "report") found.push(["readers", t("report.check.readers"), listed(people.filter(({ id }) => draft.panel.includes(id)).map(({ name }) => said(name)))])
    found.push(["what", t("report.what.h1"), answers.what.trim() || t("report.what.unanswered")])
    for (const name of ["when", "where", "who", "seen"] as const) if (answers[name].trim()) found.push(["what", t(`report.what.${name}`), answers[name].trim()])
    for (const name of ["drink", "ongoing"] as const) if (answers[name]) found.push(["what", t(`report.what.${name}`), t(`report.what.${name}-${answers[name]}`)])
    for (const one of asked(desk.questions?.questions ?? [], draft.own)) {
        const words = answerWords(one)
        if (words !== null) found.push([`own-${one.id}`, said(one.text), words])
    }
    if (draft.kind === "report") {
        const told = disclosures(draft).map(({ to, on }) => (on ? t("report.check.told-on", { to, on: day(new Date(`${on}T12:00:00Z`)) }) : to))
        found.push(["told", t("report.check.told"), told.length ? told.map((line) => h("div", null, line)) : t("report.check.told-nobody")])
    }
    const files = draft.files?.files() ?? []
    found.push(["files", t("report.files.h1"), files.length ? files.map(({ name }) => h("div", null, name)) : t("report.check.no-files")])
    if (draft.kind === "report") {
        const who = [draft.name.trim(), draft.appear === "confidential" ? draft.contact.trim() : ""].filter(Boolean).join(language() === "zh" ? "，" : ", ")
        found.push(["appear", t("report.appear.h1"), t(`report.check.appear.${draft.appear}`) + (draft.appear === "anonymous" ? "" : (language() === "zh" ? "：" : ": ") + who)])
    }
    return found
}

function urgency({ draft }: Desk): HTMLElement {
    const options = (["none", "soon", "now"] as const).map((value) => ({ value, label: t(`report.check.urgency.${value}`) }))
    const group = choices("urgency", t("report.check.urgency"), options, draft.urgency ?? "none", (value) => void (draft.urgency = value === "none" ? null : value))
    group.querySelector("legend")?.after(h("p", { class: "hint" }, t("report.check.urgency-hint")))
    return group
}

function promises(desk: Desk): HTMLElement {
    const { draft, server, readers } = desk
    const slot = h("div", { "aria-live": "polite", "data-testid": "promise-draft" }, h("p", { class: "soft" }, t("report.check.promises-wait")))
    const rung = readers ? startRung(readers.newest, disclosures(draft).map((one) => one.person)) : 0
    const now = new Date()
    server.promises(draft.jurisdiction, rung).then(
        ({ promises: found }) => fill(slot, promiseList(found.map((one) => ({ id: one.id, due: new Date(one.due), title: said(one.title), text: said(one.text), law: one.law, note: one.note ? said(one.note) : null, state: "due" as const })), { now })),
        () => fill(slot, h("p", null, t("report.check.promises-none"))),
    )
    const place = clockPlace()
    return h("section", { class: "flow", "aria-labelledby": "by-when" }, h("h2", { id: "by-when" }, t("report.check.by-when")),
        h("p", { class: "soft" }, place ? t("report.check.if-now-there", { now: dayAndTime(now), place }) : t("report.check.if-now", { now: dayAndTime(now) })), slot,
        h("div", { class: "note" }, h("h3", null, t("start.count.missed")), h("p", null, t("start.count.missed-text"))),
        draft.excluded.size > 0 && h("p", { class: "small soft" }, count("report.check.passed-over", draft.excluded.size)))
}
