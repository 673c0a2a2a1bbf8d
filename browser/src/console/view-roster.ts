/** Who can be sealed to: the roster as this browser checked it, drafts to sign, and the next one to propose. */
import { timestamp } from "../core/bytes.ts"
import { rosterNote, signedSoFar, signRoster, type Roster, type RosterPerson } from "../core/roster.ts"
import { keyWords, newestRoster, now, readAgain, refuseAlarmed, rosterWords, whoIs, nameOf, type Desk, type View } from "./desk.ts"
import { fill, h, icon, type Child } from "./dom.ts"
import { alarm, busy, button, heading, note, Status, tick, wordsFor } from "./parts.ts"
import { changesOf, checkDraft, mayStand, nextText, readDraft, type Change } from "./rosterdraft.ts"
import { rememberRoster } from "./rosterwatch.ts"
import type { RosterCandidate, RosterDraft, RosterState } from "./types.ts"
import { unlockBox } from "./unlock.ts"
import { count, language, listed, said, t } from "./words.ts"
import { longMoment, moment } from "./when.ts"

export function rosterView(desk: Desk): View {
    const work = h("div", { class: "flow", "data-testid": "roster-work" }, h("p", { class: "soft", role: "status" }, t("console.inbox.loading")))
    let known = ""
    const refresh = async (): Promise<void> => {
        const state = await desk.server.roster()
        const news = JSON.stringify(state)
        if (news === known) return
        known = news
        if (await readAgain(desk, state)) return
        fill(work, ...drafts(desk, state), ...proposal(desk, state))
    }
    void refresh().catch((error: unknown) => fill(work, h("p", { role: "alert" }, wordsFor(error))))
    const element = h(
        "div",
        { class: "flow" },
        heading(t("console.roster.title")),
        h("p", { class: "lead" }, t("console.roster.lead")),
        ...alarms(desk),
        unseen(desk),
        desk.session.isOpen ? null : unlockBox(desk),
        work,
        ...current(desk),
    )
    return { title: t("console.roster.title"), element, refresh }
}

function alarms(desk: Desk): Child[] {
    const found = desk.watch.alarms
    if (found.length === 0) return []
    const lines = found.map(({ code, detail }) => h("li", null, t(`console.alarm.${code}`), " ", h("span", { class: "small soft" }, t("console.alarm.detail", { detail }))))
    return [alarm(t("console.alarm.title"), "roster-alarm", h("ul", { class: "plain" }, lines), h("p", null, t("console.alarm.do")))]
}

/** Rosters that came without this person: looked at here, then remembered. */
function unseen(desk: Desk): Child {
    const { unseen: steps, chain } = desk.watch
    if (steps.length === 0 || chain === null) return null
    const press = button(
        t("console.roster.unseen.ok"),
        () => {
            rememberRoster(localStorage, desk.facts.org, desk.watch)
            void desk.reload()
        },
        { id: "roster-expected" },
    )
    return alarm(
        t("console.roster.unseen.title"),
        "roster-unseen",
        h("p", null, t("console.roster.unseen.text")),
        steps.map((step) =>
            h(
                "div",
                { class: "flow" },
                h("h3", null, t("console.roster.number", { n: step.roster.number + 1 })),
                changeList(desk, changesOf(chain.rosters[step.roster.number - 1] ?? null, step.roster)),
                h("p", { class: "small" }, t("console.roster.signed-by", { names: listed(step.signedBy.map((id) => nameOf(desk, id))) })),
            ),
        ),
        h("div", { class: "act" }, press),
    )
}

function changeList(desk: Desk, changes: readonly Change[]): HTMLElement {
    return h(
        "ul",
        { class: "changes", "data-testid": "changes" },
        changes.map(({ id, change, before, after }) => {
            const person = after ?? before
            const name = person === null ? nameOf(desk, id) : said(person.name)
            return h(
                "li",
                { "data-change": change, "data-person": id },
                h("b", null, t(`console.roster.change.${change}`, { name })),
                person === null ? null : h("span", { class: "small soft" }, personLine(person)),
                after !== null && after.recipient !== null && change !== "role" && change !== "details" ? keyLine(after) : null,
                change === "new-key" && before !== null ? h("span", { class: "small soft" }, t("console.roster.key-before", { words: keyWords(before) })) : null,
                change === "details" && before !== null ? h("span", { class: "small soft" }, t("console.roster.before", { was: personLine(before) })) : null,
                change === "role" && before !== null ? h("span", { class: "small soft" }, t("console.roster.before", { was: t(`console.role.${before.role}`) })) : null,
            )
        }),
    )
}

function personLine(person: RosterPerson | RosterCandidate): string {
    return [said(person.duty) || t(`console.role.${person.role}`), listed(person.languages.map(languageName))]
        .filter((part) => part !== "")
        .join(language() === "zh" ? "，" : ", ")
}

/** "English", “英文”; other languages by the browser's own names. */
function languageName(code: string): string {
    if (code === "en" || code === "zh") return t(`console.language.${code}`)
    return new Intl.DisplayNames([language() === "zh" ? "zh-CN" : "en"], { type: "language" }).of(code) ?? code
}

function keyLine(person: { recipient: string | null; sign: string | null }): HTMLElement {
    return h("span", { class: "small key-line" }, t("console.roster.key", { words: keyWords(person) }))
}

function drafts(desk: Desk, state: RosterState): Child[] {
    return state.drafts.map((draft) => draftBox(desk, draft))
}

function draftBox(desk: Desk, draft: RosterDraft): HTMLElement {
    const before = newestRoster(desk)
    const status = new Status()
    let roster: Roster
    try {
        roster = checkDraft(draft, before, desk.facts.org)
    } catch (error) {
        return alarm(t("console.draft.refused"), `draft-${draft.number}`, h("p", null, wordsFor(error)))
    }
    const signed = signersOf(draft, before ?? roster, desk)
    const mine = signed.includes(desk.me.person.id)
    const may = (before ?? roster).people.some((person) => person.id === desk.me.person.id && person.role !== "overseer")
    const press: HTMLButtonElement = button(
        t("console.draft.sign"),
        () => void busy(press, status, t("console.draft.signing"), () => signDraft(desk, draft, roster)),
        { id: `sign-draft-${draft.number}`, main: true, icon: "sealed" },
    )
    const changes = changesOf(before, roster)
    return h(
        "section",
        { class: "sheet flow", "aria-labelledby": `draft-title-${draft.number}`, "data-testid": `draft-${draft.number}` },
        h("h2", { id: `draft-title-${draft.number}` }, before === null ? t("console.draft.first") : t("console.draft.title", { n: draft.number + 1 })),
        h("p", null, t("console.draft.lead")),
        changes.length === 0 ? h("p", null, t("console.draft.nothing")) : changeList(desk, changes),
        h("p", { class: "small soft" }, t("console.draft.fingerprint", { words: rosterWords(roster) })),
        h("p", { class: "small", "data-testid": "draft-signatures" }, signedText(desk, draft, signed)),
        draft.waits_until === null ? null : h("p", { class: "is-next", "data-testid": "waits-until" }, t("console.draft.waits", { when: longMoment(new Date(draft.waits_until)) })),
        mine ? h("p", { class: "keeps" }, icon("kept"), t("console.draft.mine")) : null,
        mine || !may ? null : desk.session.isOpen ? h("div", { class: "act" }, press) : h("p", { class: "soft" }, t("console.draft.unlock")),
        may ? null : h("p", { class: "soft" }, t("console.draft.not-yours")),
        status.element,
    )
}

function signersOf(draft: RosterDraft, by: Roster, desk: Desk): string[] {
    if (draft.signatures.length === 0) return []
    const lines = draft.signatures.map((line) => (line.endsWith("\n") ? line : `${line}\n`))
    return signedSoFar(rosterNote(draft.text, lines), by, desk.facts.origin)
}

function signedText(desk: Desk, draft: RosterDraft, signed: readonly string[]): string {
    const missing = draft.needs
    const by = signed.length === 0 ? t("console.draft.nobody") : t("console.roster.signed-by", { names: listed(signed.map((id) => whoIs(desk, id))) })
    return missing === 0 ? by : `${by}${language() === "zh" ? "" : " "}${count("console.draft.missing", missing)}`
}

/** Signs what is on the screen, and only if the server still has that very text. */
async function signDraft(desk: Desk, shown: RosterDraft, roster: Roster): Promise<void> {
    refuseAlarmed(desk)
    const state = await desk.server.roster()
    const draft = state.drafts.find((one) => one.number === shown.number)
    if (draft === undefined || draft.text !== shown.text || readDraft(draft.text).sha256Text !== roster.sha256Text) {
        throw Object.assign(new Error("changed"), { code: "draft-changed" })
    }
    const signature = signRoster(shown.text, desk.facts.origin, desk.me.person.id, desk.session.keys.signSeed)
    await desk.server.signRoster(shown.number, signature)
    desk.say(t("console.draft.signed"))
    await desk.reload()
    // What this person signed is what they expect to see from here on.
    if (desk.watch.alarms.length === 0 && desk.watch.unseen.length === 0) rememberRoster(localStorage, desk.facts.org, desk.watch)
}

function proposal(desk: Desk, state: RosterState): Child[] {
    if (state.drafts.length > 0) return []
    const before = newestRoster(desk)
    const wanted = new Set(state.people.filter(mayStand).map((person) => person.id))
    const next = previewOf(desk, state.people, wanted)
    const waiting = state.people.filter((person) => !mayStand(person) && person.role !== "overseer")
    const changes = next === null ? [] : changesOf(before, next)
    if (changes.length === 0) return [waitingFor(waiting)]
    const status = new Status()
    const ticks = changes.map((change) => {
        const name = said((change.after ?? change.before)?.name ?? { en: change.id, zh: change.id })
        const person = change.after ?? change.before
        const words: Child = [
            h("b", null, t(`console.roster.change.${change.change}`, { name })),
            person === null ? null : h("span", { class: "small soft block" }, personLine(person)),
            change.after !== null && change.after.recipient !== null ? keyLine(change.after) : null,
        ]
        return { change, ...tick(words, { checked: true, value: change.id }) }
    })
    const press: HTMLButtonElement = button(
        t("console.propose.button"),
        () =>
            void busy(press, status, t("console.propose.wait"), async () => {
                refuseAlarmed(desk)
                const left = new Set(ticks.filter(({ input }) => !input.checked).map(({ change }) => change.id))
                await desk.server.proposeRoster(textWithout(desk, state.people, wanted, left, before))
                await desk.reload()
            }),
        { id: "propose-roster", main: true },
    )
    return [
        h(
            "section",
            { class: "sheet flow", "aria-labelledby": "propose-title", "data-testid": "propose" },
            h("h2", { id: "propose-title" }, before === null ? t("console.propose.first") : t("console.propose.title")),
            h("p", null, t("console.propose.lead")),
            h("fieldset", { class: "choices" }, h("legend", { class: "aside-only" }, t("console.propose.title")), ticks.map(({ label }) => label)),
            desk.session.isOpen ? h("div", { class: "act" }, press) : h("p", { class: "soft" }, t("console.draft.unlock")),
            status.element,
        ),
        waitingFor(waiting),
    ]
}

function waitingFor(waiting: readonly RosterCandidate[]): HTMLElement | null {
    if (waiting.length === 0) return null
    return note(t("console.propose.no-key"), t("console.propose.no-key-text", { names: listed(waiting.map((person) => said(person.name))) }))
}

function previewOf(desk: Desk, people: readonly RosterCandidate[], wanted: ReadonlySet<string>): Roster | null {
    if (wanted.size === 0) return null
    return readDraft(nextText(desk.facts.org, newestRoster(desk), people, wanted, timestamp(now(desk)).slice(0, 10)))
}

/** A difference that was not ticked stays as it is now: who would join does not, who would leave stays. */
function textWithout(desk: Desk, people: readonly RosterCandidate[], wanted: ReadonlySet<string>, left: ReadonlySet<string>, before: Roster | null): string {
    const was = new Map((before?.people ?? []).map((person) => [person.id, person]))
    const kept = people.map((person) => (left.has(person.id) && was.has(person.id) ? (was.get(person.id) as RosterCandidate) : person))
    const gone = [...was.values()].filter((person) => left.has(person.id) && !kept.some((one) => one.id === person.id))
    const next = new Set([...wanted].filter((id) => !left.has(id) || was.has(id)).concat(gone.map((person) => person.id)))
    for (const id of left) if (was.has(id)) next.add(id)
    return nextText(desk.facts.org, before, [...kept, ...gone], next, timestamp(now(desk)).slice(0, 10))
}

function current(desk: Desk): Child[] {
    const { chain } = desk.watch
    if (chain === null) return [h("div", { class: "empty" }, h("p", null, h("b", null, t("console.roster.none")), " ", t("console.roster.none-then")))]
    const { newest, first } = chain
    return [
        h("h2", null, t("console.roster.number", { n: newest.number + 1 })),
        h("p", { class: "small soft" }, t("console.roster.first-words", { words: rosterWords(first) })),
        h("ul", { class: "people panel", "data-testid": "roster-people" }, newest.people.map((person) => personCard(desk, person))),
    ]
}

function personCard(desk: Desk, person: RosterPerson): HTMLElement {
    const since = moment(new Date(`${person.from}T12:00:00Z`), now(desk)).split(/,? \d\d:\d\d$/)[0] ?? person.from
    return h(
        "li",
        { class: "person" },
        h("span", { class: "face", "aria-hidden": "true" }, sign(said(person.name))),
        h(
            "span",
            null,
            h("b", null, whoIs(desk, person.id) === t("console.you") ? t("console.roster.you", { name: said(person.name) }) : said(person.name)),
            h("span", null, personLine(person)),
            h("span", null, person.recipient === null ? t("console.roster.no-key") : t("console.roster.since", { day: since })),
            person.recipient === null ? null : keyLine(person),
        ),
    )
}

/** The sign in the ring: a family name's character, or two initials. */
function sign(name: string): string {
    if (/^\p{Script=Han}/u.test(name)) return Array.from(name)[0] as string
    return name
        .split(/\s+/)
        .map((part) => Array.from(part)[0] ?? "")
        .slice(0, 2)
        .join("")
}

