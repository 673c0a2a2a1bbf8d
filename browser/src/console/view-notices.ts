/** What the channel wrote to this person. Notices never hold a word of a case. */
import { now, type Desk, type View } from "./desk.ts"
import { fill, h, icon } from "./dom.ts"
import { heading, wordsFor } from "./parts.ts"
import { ServerRefused } from "./server.ts"
import type { NoticeRow } from "./types.ts"
import { moment } from "./when.ts"
import { knows, t } from "./words.ts"

export function noticesView(desk: Desk): View {
    const list = h("div", { class: "flow", "data-testid": "notices" }, h("p", { class: "soft", role: "status" }, t("console.inbox.loading")))
    let known = ""
    const refresh = async (): Promise<void> => {
        const { notices } = await desk.server.notices()
        const news = JSON.stringify(notices)
        if (news === known) return
        known = news
        fill(list, notices.length === 0 ? empty() : h("ul", { class: "files" }, notices.map((notice) => row(desk, notice))))
    }
    // The same notices stand on a page of their own, which needs no script.
    const elsewhere = h("a", { href: `/work/${desk.facts.org}/notices/` }, t("console.notices.page"))
    void refresh().catch((error: unknown) => fill(list, error instanceof ServerRefused ? h("p", null, elsewhere) : h("p", { role: "alert" }, wordsFor(error))))
    const element = h("div", { class: "flow" }, heading(t("console.notices.title")), h("p", { class: "soft read" }, t("console.notices.lead")), list)
    return { title: t("console.notices.title"), element }
}

function empty(): HTMLElement {
    return h("div", { class: "empty" }, h("p", null, h("b", null, t("console.notices.none")), " ", t("console.notices.none-then")))
}

function row(desk: Desk, notice: NoticeRow): HTMLElement {
    const key = `console.notice.${notice.kind}`
    return h(
        "li",
        { "data-kind": notice.kind },
        icon(notice.kind.includes("missed") ? "missed" : "next"),
        h("p", null, knows(key) ? t(key) : t("console.notice.other")),
        h("p", { class: "small soft" }, moment(new Date(notice.at), now(desk))),
    )
}
