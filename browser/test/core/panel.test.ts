import { strict as assert } from "node:assert"
import { test } from "node:test"
import { draw } from "../../src/core/bytes.ts"
import { believedGone, drawReach, eligible, mayBeConfidential, panelWarnings, proposePanel, startRung } from "../../src/core/panel.ts"
import type { Role, Roster } from "../../src/core/roster.ts"

function roster(roles: readonly Role[]): Roster {
    const people = roles.map((role, i) => ({
        id: `${role}${i}`,
        name: { en: "", zh: "" },
        duty: { en: "", zh: "" },
        languages: [],
        role,
        recipient: role === "overseer" ? null : "age1pq1",
        sign: null,
        from: "",
    }))
    return { people } as unknown as Roster
}

const FULL = roster(["lead", "lead", "lead", "handler", "handler", "handler", "external", "external", "overseer", "overseer", "overseer"])

test("a panel is an external member, a lead and two more, never anyone ticked, never an overseer", () => {
    for (let i = 0; i < 200; i++) {
        const excluded = FULL.people.filter(() => draw(4) === 0).map(({ id }) => id)
        const panel = proposePanel(FULL, excluded)
        const left = eligible(FULL, excluded)
        assert.equal(panel.length, Math.min(4, left.length))
        assert.deepEqual(panel, [...new Set(panel)].sort())
        for (const id of panel) assert.ok(!excluded.includes(id) && !id.startsWith("overseer"))
        for (const role of ["external", "lead"]) {
            if (left.some((person) => person.role === role)) assert.ok(panel.some((id) => id.startsWith(role)))
        }
    }
})

test("everybody eligible comes up sooner or later, on panels and in reach", () => {
    const panels = new Set<string>()
    const reached = new Set<string>()
    for (let i = 0; i < 300; i++) {
        proposePanel(FULL, []).forEach((id) => panels.add(id))
        for (const rung of drawReach(FULL, [])) rung.forEach((id) => reached.add(id))
    }
    assert.equal(panels.size, 8)
    assert.equal(reached.size, 3 + 3 + 2)
})

test("reach is two for each rung, fewer only where fewer remain, never anyone ticked", () => {
    const [leads, overseers, externals] = drawReach(FULL, ["external6"])
    assert.deepEqual([leads.length, overseers.length, externals.length], [2, 2, 1])
    assert.deepEqual(externals, ["external7"])
    assert.deepEqual(drawReach(FULL, ["external6", "external7"])[2], [])
    const lost = drawReach(FULL, ["overseer8", "overseer9"])
    assert.deepEqual(lost[1], ["overseer10"])
})

test("she is told when few are left", () => {
    const codes = (roles: Role[], excluded: string[] = []): string[] => {
        const r = roster(roles)
        return panelWarnings(r, proposePanel(r, excluded), drawReach(r, excluded), excluded).map((w) => w.code + ("rung" in w ? w.rung : ""))
    }
    assert.deepEqual(codes(["lead", "handler", "handler", "handler", "external", "overseer"]), [])
    assert.deepEqual(codes(["lead", "external", "overseer"], ["lead0", "external1"]), ["nobody", "small-roster", "empty-rung1", "empty-rung3"])
    assert.deepEqual(codes(["lead", "handler"], ["lead0"]), ["only-one", "no-external", "small-roster", "empty-rung1", "empty-rung2", "empty-rung3"])
    assert.equal(mayBeConfidential(FULL, ["external6", "lead0"]), true)
    assert.equal(mayBeConfidential(FULL, ["lead0"]), false)
})

test("the clock starts one rung above the highest whom she told", () => {
    assert.equal(startRung(FULL, []), 0)
    assert.equal(startRung(FULL, [null]), 1)
    assert.equal(startRung(FULL, ["handler3"]), 1)
    assert.equal(startRung(FULL, ["handler3", "lead0"]), 2)
    assert.equal(startRung(FULL, ["overseer8"]), 3)
    assert.equal(startRung(FULL, ["external6", null]), 3)
})

test("who left since the list was signed is not proposed, and the server can't steer the choice by saying so", () => {
    assert.deepEqual(believedGone(FULL, ["handler3", "overseer8", "nobody"]), ["handler3", "overseer8"])
    assert.deepEqual(believedGone(FULL, undefined), [])
    assert.deepEqual(believedGone(FULL, "handler3"), [])
    const most = ["lead0", "lead1", "lead2", "handler3", "handler4"]
    assert.deepEqual(believedGone(FULL, most.slice(0, 4)), most.slice(0, 4))
    assert.deepEqual(believedGone(FULL, most), [])
    assert.deepEqual(believedGone(roster(["lead", "external"]), ["lead0"]), [])
})
