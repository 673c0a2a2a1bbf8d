/** Who runs this page: the organisation's name and the outside contact. */
import { byId, h, place, rich, said, t } from "../ui/index.ts"
import { organisation } from "./frame.ts"

/** A telephone number or address that can be pressed. */
function linked(kind: string, value: string): HTMLElement | string {
    if (kind === "telephone") return h("a", { href: `tel:${value.replace(/[^\d+]/g, "")}` }, value)
    if (kind === "email") return h("a", { href: `mailto:${value}` }, value)
    return value
}

export async function about(): Promise<void> {
    const lead = document.querySelector("p.lead")
    lead?.replaceChildren(...(rich("about.lead", { org: place().org }) as (string | Node)[]))
    if (place().flags.has("limits")) byId("limits").scrollIntoView()
    const facts = await organisation()
    if (!facts) return
    lead?.replaceChildren(...(rich("about.lead", { org: said(facts.name) }) as (string | Node)[]))
    const contact = facts.outside_contact
    const rows: [string, string | null][] = contact
        ? [["telephone", contact.telephone], ["post", contact.post], ["email", contact.email], ["pgp", contact.pgp]]
        : []
    const known = rows.filter(([, value]) => value)
    byId("outside-facts").append(
        known.length && contact
            ? h("div", { class: "flow" }, h("p", null, h("b", null, said(contact.name))),
                h("dl", { class: "facts" }, known.map(([kind, value]) => [h("dt", null, t(`about.outside.${kind}`)), h("dd", { class: kind === "pgp" ? "print" : "" }, linked(kind, value as string))])))
            : h("p", { class: "soft" }, t("about.outside.none")),
    )
}
