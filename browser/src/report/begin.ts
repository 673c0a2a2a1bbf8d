/** Before the first question: what this is, what the browser can't do, and the country if she likes. */
import { browserNotice } from "../start/notice.ts"
import { h, linkTo, note, said, t, type Child } from "../ui/index.ts"
import type { Organisation } from "../start/frame.ts"
import type { Draft } from "./draft.ts"
import { button } from "./fields.ts"
import type { Step } from "./flow.ts"

/** `go` may take a moment: the sealing code loads while she reads. */
export function beginStep(draft: Draft, organisation: Organisation, go: () => Promise<void>): Step {
    const record = draft.kind === "record"
    const kind = record ? "record" : "report"
    return {
        name: "begin",
        number: 1,
        render: (walk) => {
            const waiting = h("p", { role: "status", class: "soft" })
            const start = button("next", t("report.begin.go"), () => {
                if (start.getAttribute("aria-disabled")) return
                start.setAttribute("aria-disabled", "true")
                const slow = setTimeout(() => void (waiting.textContent = t("report.loading.text")), 300)
                void go().finally(() => {
                    clearTimeout(slow)
                    start.removeAttribute("aria-disabled")
                    waiting.textContent = ""
                })
            })
            return [
            walk.line(),
            h("div", { class: "split" },
                h("div", { class: "flow" },
                    h("h1", null, t(`report.begin.${kind}.h1`)),
                    h("p", { class: "lead" }, t(`report.begin.${kind}.lead`)),
                    browserNotice(),
                    h("ul", { class: "plain read" }, ["one", "two", "three"].map((which) => h("li", null, t(`report.begin.${kind}.${which}`)))),
                    !record && organisation.jurisdictions.length > 0 && country(draft, organisation),
                    h("div", { class: "act" }, start),
                    waiting,
                    h("p", { class: "read soft" }, record
                        ? h("a", { href: linkTo("report"), id: "to-report" }, t("report.begin.to-report"))
                        : h("a", { href: linkTo("report#record"), id: "to-record" }, t("report.begin.to-record"))),
                ),
                h("aside", { class: "notes" }, note(t("report.begin.safe"), help()), note(t("report.begin.gone"), h("p", null, t("report.begin.gone-text"))), note(t("report.begin.leave"), h("p", null, t("report.begin.leave-text")))),
            ),
            ]
        },
    }
}

function help(): Child {
    return h("p", null, t("report.begin.safe-text"), " ", h("a", { href: linkTo("help"), target: "_blank", rel: "noopener" }, t("start.link.help")))
}

function country(draft: Draft, organisation: Organisation): HTMLElement {
    const select = h("select", { id: "jurisdiction", autocomplete: "off", "aria-describedby": "jurisdiction-hint", onchange: () => void (draft.jurisdiction = select.value || null) },
        h("option", { value: "" }, t("report.begin.country-none")), organisation.jurisdictions.map(({ id, name }) => h("option", { value: id }, said(name))))
    select.value = draft.jurisdiction ?? ""
    return h("div", { class: "field" }, h("label", { for: "jurisdiction" }, t("report.begin.country")), h("p", { class: "hint", id: "jurisdiction-hint" }, t("report.begin.country-hint")), select)
}
