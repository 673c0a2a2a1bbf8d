/** The contact outside the company, as a list that can be pressed; and what a page says while no report is taken. */
import { h, said, t } from "../ui/index.ts"
import type { Organisation } from "./frame.ts"

/** Null where nobody, or no way to reach them, is named. */
export function outsideFacts(contact: Organisation["outside_contact"]): HTMLElement | null {
    if (!contact) return null
    const rows: [string, string | null][] = [["telephone", contact.telephone], ["post", contact.post], ["email", contact.email], ["pgp", contact.pgp]]
    const known = rows.filter(([, value]) => value)
    if (!known.length) return null
    return h("div", { class: "flow" }, h("p", null, h("b", null, said(contact.name))),
        h("dl", { class: "facts" }, known.map(([kind, value]) => [h("dt", null, t(`about.outside.${kind}`)), h("dd", { class: kind === "pgp" ? "print" : "" }, linked(kind, value as string))])))
}

/** Title and words of an organisation that takes no reports: not yet, or not just now. */
export function closedWords(facts: Organisation): { title: string; text: string } {
    const kind = facts.paused ? "paused" : "closed"
    return { title: t(`report.${kind}.h1`), text: t(`report.${kind}.text`) }
}

/** A telephone number or address that can be pressed. */
function linked(kind: string, value: string): HTMLElement | string {
    if (kind === "telephone") return h("a", { href: `tel:${value.replace(/[^\d+]/g, "")}` }, value)
    if (kind === "email") return h("a", { href: `mailto:${value}` }, value)
    return value
}
