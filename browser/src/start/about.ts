/** Who runs this page: the organisation's name and the outside contact. */
import { byId, h, place, rich, said, t } from "../ui/index.ts"
import { organisation } from "./frame.ts"
import { outsideFacts } from "./outside.ts"

export async function about(): Promise<void> {
    const lead = document.querySelector("p.lead")
    lead?.replaceChildren(...(rich("about.lead", { org: place().org }) as (string | Node)[]))
    if (place().flags.has("limits")) byId("limits").scrollIntoView()
    const facts = await organisation()
    if (!facts) return
    lead?.replaceChildren(...(rich("about.lead", { org: said(facts.name) }) as (string | Node)[]))
    byId("outside-facts").append(outsideFacts(facts.outside_contact) ?? h("p", { class: "soft" }, t("about.outside.none")))
}
