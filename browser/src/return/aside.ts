/** Beside the thread: promises, the calendar, receipts, who can read it. */
import { calendarFile } from "../core/ics.ts"
import { dayAndTime, fill, h, icon, listed, said, t, count } from "../ui/index.ts"
import { download } from "../sheets/keep.ts"
import { promiseList, type PromiseFacts } from "../sheets/promises.ts"
import { receiptName, receiptSheet, type ReceiptFacts } from "../sheets/receipt.ts"
import type { OrganisationInfo } from "../net/reporter.ts"
import type { CheckedPromise, CheckedReceipt, Story } from "./story.ts"
import { nameOf } from "./view.ts"

export function promisePart(story: Story, organisation: OrganisationInfo, now: Date): HTMLElement {
    const closedAt = story.closed ? (story.closedBy?.at ?? null) : null
    const facts = story.promises.map((promise) => factsOf(promise, story, organisation))
    const upcoming = story.closed ? [] : story.promises.filter((promise) => promise.state === "due" && promise.dueAt > now)
    return h(
        "section",
        { class: "flow", "aria-labelledby": "promised" },
        h("h2", { id: "promised" }, t("return.promises")),
        promiseList(facts, { received: story.received, now, closedAt }),
        upcoming.length ? calendarPart(upcoming, now) : null,
    )
}

function calendarPart(promises: readonly CheckedPromise[], now: Date): HTMLElement {
    const save = () => {
        const days = [...new Set(promises.map((promise) => promise.dueAt.getTime()))].sort((a, b) => a - b)
        const title = t("promise.calendar-title")
        download("calendar.ics", calendarFile(days.map((at) => ({ at: new Date(at), title })), now), "text/calendar")
    }
    const button = h("button", { class: "btn", type: "button", id: "calendar", "data-testid": "calendar", onclick: save }, icon("calendar"), t("return.calendar"))
    return h("div", { class: "flow" }, h("div", { class: "act" }, button), h("p", { class: "small soft" }, t("return.calendar-hint")))
}

function factsOf(promise: CheckedPromise, story: Story, organisation: OrganisationInfo): PromiseFacts {
    return {
        id: promise.id,
        due: promise.dueAt,
        title: said(promise.title),
        text: said(promise.text),
        law: promise.law,
        note: promise.note ? said(promise.note) : null,
        state: promise.state,
        keptAt: promise.keptBy?.at ?? (promise.kept_at ? new Date(promise.kept_at) : null),
        missedAt: promise.missed_at ? new Date(promise.missed_at) : null,
        wentTo: promise.rung === null ? null : rungName(promise.rung, story, organisation),
        unproven: promise.unproven,
    }
}

/** The people of a rung by name where she drew them; otherwise what the rung is called. */
export function rungName(rung: number, story: Story, organisation: OrganisationInfo): string {
    const drawn = story.reach[rung - 1] ?? []
    if (drawn.length) return listed(drawn.map(nameOf))
    const called = organisation.rungs.find((one) => one.number === rung)
    const fallback = ["panel", "lead", "overseers", "external"][rung] ?? "panel"
    return called ? said(called.name) : t(`return.went-${fallback}`)
}

export function panelPart(story: Story): HTMLElement {
    const people = story.panel.map((person) =>
        h("li", null, h("b", null, nameOf(person)), h("span", { class: "soft" }, said(person.duty)), leavingLine(story, person.id)),
    )
    return h("section", { class: "flow", "aria-labelledby": "readers" }, h("h2", { id: "readers" }, t("return.panel")), h("ul", { class: "who", "data-testid": "readers" }, people))
}

function leavingLine(story: Story, id: string): HTMLElement | null {
    const why = story.leaving.get(id)
    if (why === undefined) return null
    return h("span", { class: "is-next small block", "data-testid": "leaving" }, t(`return.leaving-${why}`), story.nobody ? null : ` ${t("return.leaving-then")}`)
}

const WHAT: Readonly<Record<string, [key: string, sheet: ReceiptFacts["what"]]>> = {
    "report.received": ["report", "report"],
    "record.dated": ["record", "record"],
    message: ["message", "message"],
    "promise.kept": ["kept", "message"],
    "promise.missed": ["missed", "message"],
    "panel.changed": ["panel", "panel"],
}

export function receiptPart(story: Story, organisation: OrganisationInfo): HTMLElement {
    const good = story.receipts.filter((receipt) => receipt.verified !== null)
    const all = () => good.forEach((receipt, i) => void setTimeout(() => download(fileName(receipt), receipt.text, "text/plain"), 400 * i))
    const shown = h("div", { "data-testid": "receipt-shown" })
    const rows = good.map((receipt) => receiptRow(receipt, organisation, shown))
    return h(
        "section",
        { class: "flow", "aria-labelledby": "receipts" },
        h("h2", { id: "receipts" }, count("return.receipts", good.length)),
        h("div", { class: "act" }, h("button", { class: "btn", type: "button", id: "all-receipts", "data-testid": "all-receipts", onclick: all }, icon("down"), t("return.receipts-all"))),
        h("p", { class: "small soft" }, t("return.receipts-checked")),
        h("details", null, h("summary", { "data-testid": "show-receipts" }, t("return.receipts-show")), h("ul", { class: "receipts" }, rows), shown),
    )
}

function receiptRow(receipt: CheckedReceipt, organisation: OrganisationInfo, place: Element): HTMLElement {
    const [key] = WHAT[receipt.type] ?? ["status", "message"]
    const name = t(`return.receipt-${key}`)
    const show = () => {
        fill(place, receiptSheet(factsOfReceipt(receipt, organisation), `receipt-${receipt.verified?.index ?? 0}`))
        place.scrollIntoView({ block: "nearest" })
    }
    const button = h("button", { class: "btn quiet", type: "button", "aria-label": `${t("return.receipt-show")}: ${name}`, onclick: show }, t("return.receipt-show"))
    return h("li", null, h("span", null, name, h("br"), h("span", { class: "small soft" }, dayAndTime(receipt.at))), button)
}

function fileName(receipt: CheckedReceipt): string {
    return receiptName({ index: receipt.verified?.index ?? 0 })
}

function factsOfReceipt(receipt: CheckedReceipt, organisation: OrganisationInfo): ReceiptFacts {
    const verified = receipt.verified as NonNullable<CheckedReceipt["verified"]>
    return {
        what: (WHAT[receipt.type] ?? ["status", "message"])[1] as ReceiptFacts["what"],
        organisation: said(organisation.name),
        origin: verified.checkpoint.origin,
        index: verified.index,
        leafHash: verified.leafHash,
        at: receipt.at,
        files: receipt.files,
        witnesses: verified.cosignatures.map(({ witness }) => witness),
        proof: receipt.text,
    }
}
