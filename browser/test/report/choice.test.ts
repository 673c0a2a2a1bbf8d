/** Rules of the reporter's pages: the panel while she ticks, the page's place, the browser, what is said. */
import assert from "node:assert/strict"
import { test } from "node:test"
import type { Roster, RosterPerson, Role } from "../../src/core/roster.ts"
import { answersOf } from "../../src/report/send.ts"
import { proposePanel } from "../../src/core/panel.ts"
import { disclosures, newDraft, saysSomething } from "../../src/report/draft.ts"
import { appOf, companyRuns } from "../../src/start/browser.ts"
import { likelyCountry } from "../../src/start/help.ts"
import { linkTo, place } from "../../src/ui/place.ts"
import { clock, day, setTimeZone } from "../../src/ui/dates.ts"
import { count, rich, speak, t } from "../../src/ui/strings.ts"
import en from "../../pages/strings.en.json"
import zh from "../../pages/strings.zh.json"

const person = (id: string, role: Role): RosterPerson => ({ id, role, name: { en: id, zh: id }, duty: { en: "", zh: "" }, languages: ["en"], recipient: role === "overseer" ? null : "age1pq", sign: role === "overseer" ? null : "x", from: "2026-01-05" })
const roster = { people: [person("ann", "handler"), person("bo", "handler"), person("cy", "handler"), person("lea", "lead"), person("eva", "external"), person("ovi", "overseer")] } as unknown as Roster
const first = (): number => 0

test("the panel has an external member, a lead and two more, and no overseer", () => {
    const panel = proposePanel(roster, [], [], first)
    assert.equal(panel.length, 4)
    assert.ok(panel.includes("eva") && panel.includes("lea") && !panel.includes("ovi"))
})

test("a tick takes one person off and leaves the others where they are", () => {
    const panel = proposePanel(roster, [], [], first)
    const gone = panel.find((id) => id !== "eva" && id !== "lea") as string
    const after = proposePanel(roster, [gone], panel, first)
    assert.ok(!after.includes(gone))
    for (const id of panel) if (id !== gone) assert.ok(after.includes(id))
    assert.equal(after.length, 4)
})

test("whoever is left reads it, even one; nobody gives an empty panel", () => {
    assert.deepEqual(proposePanel(roster, ["ann", "bo", "cy", "lea"], []), ["eva"])
    assert.deepEqual(proposePanel(roster, ["ann", "bo", "cy", "lea", "eva"], ["eva"]), [])
})

test("a page knows its organisation, language, flags and the poster's anchor from the address alone", () => {
    const anchor = "A".repeat(22)
    const here = place({ pathname: "/o/tidewick/zh/report", hash: `#record&r=${anchor}` })
    assert.deepEqual([here.org, here.language, here.flags.has("record"), here.anchor], ["tidewick", "zh", true, anchor])
    assert.equal(linkTo("report#record", here), `report#record&r=${anchor}`)
    assert.equal(linkTo("help", here), `help#r=${anchor}`)
    assert.equal(place({ pathname: "/o/tidewick/en/", hash: "#r=short" }).anchor, null)
    assert.equal(place({ pathname: "/elsewhere", hash: "" }).org, "")
})

test("in-app browsers are told apart, and whose they are", () => {
    const phone = "Mozilla/5.0 (Linux; Android 14; V2301A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0 Mobile Safari/537.36 "
    assert.equal(appOf(phone + "MicroMessenger/8.0.49"), "wechat")
    assert.equal(appOf(phone + "wxwork/4.1.22 MicroMessenger/7.0.1"), "wecom")
    assert.equal(appOf(phone + "AliApp(DingTalk/7.6.0)"), "dingtalk")
    assert.equal(appOf(phone + "QQ/9.0.0"), "qq")
    assert.equal(appOf(phone), null)
    assert.ok(companyRuns("wecom") && !companyRuns("wechat"))
})

test("only what says something is a disclosure or a report", () => {
    const draft = newDraft("report")
    draft.told.push({ person: null, to: "  ", on: "" }, { person: null, to: " my manager ", on: "last week" })
    assert.deepEqual(disclosures(draft), [{ to: "my manager", on: null, person: null }])
    assert.equal(saysSomething(draft), false)
    draft.answers.where = "Quay Room"
    assert.equal(saysSomething(draft), true)
})

test("a name is sealed among the answers only where she is named to the panel", () => {
    const draft = newDraft("report")
    draft.name = "Ana"
    for (const appear of ["anonymous", "confidential"] as const) {
        draft.appear = appear
        assert.equal("name" in answersOf(draft), false)
    }
    draft.appear = "named"
    assert.equal(answersOf(draft)["name"], "Ana")
})

test("the clock suggests a country, and no address is looked up", () => {
    assert.equal(likelyCountry("Asia/Shanghai", "IE"), "CN")
    assert.equal(likelyCountry("Australia/Perth", "IE"), "AU")
    assert.equal(likelyCountry("Antarctica/Troll", "IE"), "IE")
})

test("both languages say the same things, with the same blanks", () => {
    const blanks = (text: string): string => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort().join()
    assert.deepEqual(Object.keys(en).sort(), Object.keys(zh).sort())
    for (const [key, text] of Object.entries(en)) if (!key.endsWith(".one")) assert.equal(blanks(text), blanks((zh as Record<string, string>)[key] as string), key)
})

test("a string that nobody wrote is an error, not an empty line", () => {
    speak("en", en)
    assert.throws(() => t("report.nothing"))
    assert.equal(count("report.uploads.done", 1), en["report.uploads.done.one"])
    assert.deepEqual(rich("about.lead", { org: "Tidewick" })[1], "Tidewick")
})

test("dates are the organisation's days, in words", () => {
    setTimeZone("Asia/Shanghai")
    const late = new Date("2026-11-29T17:05:00Z")
    speak("zh", zh)
    assert.equal(day(late, late), "11月30日（周一）")
    assert.equal(day(new Date("2026-11-29T02:00:00Z"), late), "11月29日（周日）")
    speak("en", en)
    assert.equal(day(late, new Date("2027-01-02T00:00:00Z")), "Mon 30 Nov 2026")
    assert.equal(clock(late), "01:05")
})
