/** Before you start. The page is complete without this script but for the name and the browser check. */
import { byId, h } from "../ui/index.ts"
import { organisation, type Organisation } from "./frame.ts"
import { browserNotice } from "./notice.ts"
import { closedWords, outsideFacts } from "./outside.ts"

export function start(): void {
    const notice = browserNotice()
    if (notice) {
        const slot = byId("browser-check")
        slot.append(notice)
        slot.hidden = false
    }
    void organisation().then((facts) => facts && !facts.open && sayClosed(facts))
}

/** While no report is taken, the page says so before anything else, and whom one can reach meanwhile. */
function sayClosed(facts: Organisation): void {
    const { title, text } = closedWords(facts)
    const slot = byId("browser-check")
    slot.prepend(h("section", { class: "sheet flow", id: "closed", role: "status" }, h("h2", null, title), h("p", null, text), outsideFacts(facts.outside_contact)))
    slot.hidden = false
    byId("start-report").hidden = true
    byId("start-record").hidden = true
}
