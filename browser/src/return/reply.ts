/**
 * Writing back: words, files, one button. A message that was sealed stays the same until the server has it, so
 * pressing twice, a lost line or an impatient finger never doubles it.
 */
import { FileError } from "../files/errors.ts"
import { fileList } from "../files/picker.ts"
import { clearErrors, h, showErrors, t } from "../ui/index.ts"
import type { Outgoing, Session } from "./session.ts"
import type { Story } from "./story.ts"
import { isLine } from "./errors.ts"

export interface ReplyOptions {
    session: Session
    /** Reads the mailbox once more and answers with what it says now. */
    refresh(): Promise<Story>
}

export function replyForm({ session, refresh }: ReplyOptions): HTMLElement {
    const { limits } = session.organisation
    const field = h("textarea", { id: "reply", autocomplete: "off", spellcheck: "false", "aria-describedby": "reply-hint", "data-testid": "reply" })
    const files = fileList({ limits })
    const button = h("button", { class: "btn go big", type: "submit", id: "send-reply", "data-testid": "send-reply" }, t("return.send"))
    const state = h("p", { role: "status", "aria-live": "polite", class: "soft", "data-testid": "reply-state" })
    const form = h(
        "form",
        { class: "flow", novalidate: true, autocomplete: "off", id: "reply-form" },
        h("div", { class: "field" }, h("label", { for: "reply" }, t("return.reply")), h("p", { class: "hint", id: "reply-hint" }, t("return.reply-hint")), field),
        h("section", { class: "read flow", "aria-label": t("return.reply-files") }, files.element),
        h("div", { class: "act" }, button),
        state,
    )
    let outgoing: Outgoing | null = null
    let working = false
    const refuse = (key: string) => {
        state.textContent = ""
        showErrors(document.getElementById("main") as HTMLElement, [{ field: "reply", text: t(key) }])
    }
    const lock = (locked: boolean) => {
        field.readOnly = locked
        files.element.toggleAttribute("inert", locked)
    }
    const send = async () => {
        outgoing ??= await session.prepare(field.value.trim(), files.files(), await refresh())
        await session.send(outgoing)
        const sent = outgoing
        outgoing = null
        field.value = ""
        await sendFiles(sent)
        files.clear()
        // It is with them; should reading fail now, the page reads again by itself.
        await refresh().catch(() => undefined)
    }
    const sendFiles = async (sent: Outgoing) => {
        if (sent.files.length === 0) return void (state.textContent = t("return.sent"))
        state.textContent = t("return.sending-files")
        const leaving = (event: BeforeUnloadEvent) => event.preventDefault()
        addEventListener("beforeunload", leaving)
        try {
            await session.sendFiles(sent, {
                onProgress: ({ index, sent: bytes, size }) => files.progress(index, bytes, size),
                onWaiting: (seconds) => void (state.textContent = seconds === null ? t("return.sending-files") : t("return.waiting", { n: seconds })),
            })
            state.textContent = t("return.sent")
        } catch (fault) {
            if (!(fault instanceof FileError)) throw fault
            state.textContent = t("return.files-left")
        } finally {
            removeEventListener("beforeunload", leaving)
        }
    }
    form.addEventListener("submit", (event) => {
        event.preventDefault()
        if (working) return
        clearErrors(document.getElementById("main") as HTMLElement)
        if (files.busy()) return refuse("return.send-busy")
        if (!outgoing && field.value.trim() === "" && files.files().length === 0) return refuse("return.send-empty")
        working = true
        button.setAttribute("aria-disabled", "true")
        state.textContent = t("return.sending")
        lock(true)
        void send()
            .then(() => lock(false))
            .catch((fault: unknown) => {
                // While it may have been received the words stay as they were sealed; after a refusal they can be changed.
                const perhaps = isLine(fault) && statusOf(fault) !== NO_ROOM
                if (!perhaps) outgoing = null
                lock(perhaps)
                refuse(sayFault(fault))
            })
            .finally(() => {
                working = false
                button.removeAttribute("aria-disabled")
            })
    })
    return form
}

/** The server's disk is full: nothing was taken. */
const NO_ROOM = 507

function statusOf(fault: unknown): number | undefined {
    return (fault as { status?: number } | null)?.status
}

function sayFault(fault: unknown): string {
    if (isLine(fault)) return statusOf(fault) === NO_ROOM ? "return.send-room" : "return.send-line"
    return (fault as { code?: string } | null)?.code === "closed" ? "return.send-closed" : "return.send-refused"
}
