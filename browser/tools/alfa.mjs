/**
 * Judges pages by alfa's rules (ACT), an engine of its own beside axe.
 *
 *     node tools/alfa.mjs < pages.json
 *
 * In: [{name, dark, level: "AAA" | "AA", width, height, document}], where document is what alfa's `Native.fromNode`
 * says of a page in a browser. Out: one line for each failure. Exit 1 if there is any.
 */
import { readFileSync } from "node:fs"
import { Audit, Outcome } from "@siteimprove/alfa-act"
import { Device, Display, Preference, Scripting, Viewport } from "@siteimprove/alfa-device"
import { Node } from "@siteimprove/alfa-dom"
import { Request, Response } from "@siteimprove/alfa-http"
import rules from "@siteimprove/alfa-rules"
import { Page } from "@siteimprove/alfa-web"
import { Conformance, Criterion } from "@siteimprove/alfa-wcag"

const beyond = (rule) => {
    const criteria = [...rule.requirements].filter(Criterion.isCriterion)
    return criteria.length > 0 && criteria.every((one) => !Conformance.isAA()(one))
}

let failures = 0
for (const page of JSON.parse(readFileSync(0, "utf8"))) {
    const device = Device.of(
        Device.Type.Screen,
        Viewport.of(page.width, page.height, Viewport.Orientation.Portrait),
        Display.of(1, Display.Scan.Progressive),
        Scripting.of(true),
        [Preference.of("prefers-color-scheme", page.dark ? "dark" : "light")],
    )
    const document = Node.from(page.document, device)
    const chosen = [...rules].filter((rule) => page.level === "AAA" || !beyond(rule))
    const outcomes = await Audit.of(Page.of(Request.empty(), Response.empty(), document, device), chosen).evaluate()
    const applied = new Set()
    for (const outcome of outcomes) {
        if (Outcome.isApplicable(outcome)) applied.add(outcome.rule.uri)
        if (!Outcome.isFailed(outcome)) continue
        failures += 1
        const why = [...outcome.expectations].flatMap(([, result]) => [...result].map((one) => one.message ?? one.error?.message ?? ""))
        console.log(`${page.name}: ${outcome.rule.uri.split("/").pop()} ${outcome.target?.path?.() ?? ""} ${String(outcome.target).replace(/\s+/g, " ").slice(0, 120)} ${why.join(" ").slice(0, 200)}`)
    }
    console.log(`# ${page.name}: ${applied.size} rules applied`)
}
process.exitCode = failures > 0 ? 1 : 0
