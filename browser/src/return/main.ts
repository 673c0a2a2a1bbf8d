/** Come back: twelve words open the mailbox; leaving, locking or ten minutes without a touch forget it all. */
import { introduce, organisation } from "../start/frame.ts"
import { forgetOnLeaving, h, place, showPage, t } from "../ui/index.ts"
import { forgetByItself } from "./forget.ts"
import { showSignIn } from "./signin.ts"
import type { Session } from "./session.ts"
import type { MailboxPage } from "./mailbox.ts"

interface Open {
    session: Session
    page: MailboxPage
    endWatch(): void
}

let current: Open | null = null
let handedOver = false

export function comeBack(): void {
    forgetOnLeaving(forget)
    // A page kept in the back-forward cache would show the mailbox again to whoever presses "back".
    addEventListener("pagehide", forget)
    addEventListener("pageshow", (event) => void (event.persisted && !handedOver && showSignIn({ open })))
    showSignIn({ open })
    void organisation()
}

/** Sealing code and the mailbox are loaded only now: the first page stays light. */
async function open(secret: Uint8Array): Promise<void> {
    const [{ Session }, { showMailbox }, { ReporterApi }] = await Promise.all([import("./session.ts"), import("./mailbox.ts"), import("../net/reporter.ts")])
    const here = place()
    const session = await Session.open(secret, new ReporterApi(here.org), location.origin, here.anchor)
    introduce(session.organisation)
    const story = await session.read()
    if (!story) throw new Error("nothing was read")
    const page = showMailbox(session, story, { lock, handOver })
    const notice = noticeBar()
    const endWatch = forgetByItself({ onNotice: notice.show, onForget: lock })
    current = { session, page, endWatch }
}

function lock(): void {
    forget()
    const again = h("button", { class: "btn go", type: "button", id: "again", "data-testid": "again", onclick: () => showSignIn({ open }) }, t("return.again"))
    const content = h("div", { class: "flow" }, h("h1", null, t("return.forgotten-h1")), h("p", { class: "lead" }, t("return.forgotten")), h("div", { class: "act" }, again))
    showPage({ title: t("return.tab"), content, step: "forgotten" })
}

/** The report that is made of a record looks after itself from here on. */
function handOver(): void {
    handedOver = true
    end()
}

function end(): boolean {
    if (!current) return false
    const { session, page, endWatch } = current
    current = null
    page.end()
    endWatch()
    session.forget()
    return true
}

function forget(): void {
    if (!end()) return
    document.querySelectorAll<HTMLTextAreaElement>("textarea").forEach((field) => void (field.value = ""))
    document.querySelectorAll(".soon, body > .paper").forEach((element) => element.remove())
    document.getElementById("main")?.replaceChildren()
}

/** A notice a minute before the page forgets; said once, then counted silently. */
function noticeBar(): { show(secondsLeft: number | null): void } {
    let bar: HTMLElement | null = null
    let line: HTMLElement | null = null
    return {
        show: (secondsLeft) => {
            if (secondsLeft === null) {
                bar?.remove()
                bar = null
                return
            }
            if (!bar) {
                line = h("p", null)
                const stay = h("button", { class: "btn go", type: "button", "data-testid": "stay" }, t("return.stay"))
                bar = h("div", { class: "soon", role: "alertdialog", "aria-label": t("return.stay"), "data-testid": "soon" }, line, h("div", { class: "act" }, stay))
                document.body.append(bar)
                stay.focus()
            }
            if (line) line.textContent = t("return.soon", { n: secondsLeft })
        },
    }
}
