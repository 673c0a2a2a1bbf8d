/**
 * Questions that a handler asks with a message, as a form: she answers what she wants and sends it once. What was sealed
 * stays as it is until the server has it, as with every message.
 */
import { asked, isAsked, type Answer } from "../core/questions.ts"
import { answerField } from "../sheets/questions.ts"
import { clearErrors, h, language, showErrors, t } from "../ui/index.ts"
import { isLine } from "./errors.ts"
import type { Outgoing, Session } from "./session.ts"
import type { Said, Story } from "./story.ts"
import { nameOf } from "./view.ts"

/** Messages with questions that she has not answered yet. */
export function openAsks(story: Story): Said[] {
    const said = story.entries.flatMap((entry) => (entry.what === "message" ? [entry] : []))
    const answered = new Set(said.flatMap((one) => (one.by === null && one.reply !== undefined ? [one.reply.to] : [])))
    return said.filter((one) => one.by !== null && (one.ask?.length ?? 0) > 0 && !answered.has(one.sha256))
}

export interface AskOptions {
    readonly session: Session
    readonly message: Said
    /** Reads the mailbox once more and answers with what it says now. */
    refresh(): Promise<Story>
}

export function askForm({ session, message, refresh }: AskOptions): HTMLElement {
    const questions = message.ask ?? []
    const answers = new Map<string, Answer>()
    const stem = `ask-${message.sha256.slice(0, 8)}`
    const fields = questions.map((question) => {
        const keep = (answer: Answer | undefined): void => {
            if (answer === undefined) answers.delete(question.id)
            else answers.set(question.id, answer)
            show()
        }
        return { question, element: h("div", { "data-question": question.id }, answerField(`${stem}-${question.id}`, question, undefined, keep)) }
    })
    const show = (): void => {
        for (const { question, element } of fields) element.hidden = !isAsked(questions, question, answers)
    }
    show()
    const given = (): boolean => asked(questions, answers).some(({ answer }) => answer !== null)
    const button = h("button", { class: "btn go", type: "submit", "data-testid": "send-answers" }, t("return.ask-send"))
    const state = h("p", { role: "status", "aria-live": "polite", class: "soft" })
    const inside = h("div", { class: "flow" }, fields.map(({ element }) => element))
    const form = h("form", { class: "flow", novalidate: true, autocomplete: "off" }, inside, h("div", { class: "act" }, button), state)
    const section = h("section", { class: "sheet flow read", id: stem, tabindex: "-1", "aria-labelledby": `${stem}-title`, "data-testid": "ask" },
        h("h2", { id: `${stem}-title` }, t("return.ask-title", { name: nameOf(message.by) })), h("p", { class: "soft" }, t("return.ask-hint")), form)
    let outgoing: Outgoing | null = null
    let working = false
    const refuse = (key: string): void => {
        state.textContent = ""
        showErrors(document.getElementById("main") as HTMLElement, [{ field: stem, text: t(key) }])
    }
    const send = async (): Promise<void> => {
        const reply = { to: message.sha256, language: language(), asked: asked(questions, answers) }
        outgoing ??= await session.prepare("", [], await refresh(), reply)
        await session.send(outgoing)
        outgoing = null
        state.textContent = t("return.sent")
        await refresh().catch(() => undefined)
    }
    form.addEventListener("submit", (event) => {
        event.preventDefault()
        if (working) return
        clearErrors(document.getElementById("main") as HTMLElement)
        if (!outgoing && !given()) return refuse("return.ask-empty")
        working = true
        button.setAttribute("aria-disabled", "true")
        state.textContent = t("return.sending")
        inside.toggleAttribute("inert", true)
        void send()
            .catch((fault: unknown) => {
                // It may have been received: then the answers stay as they were sealed.
                const perhaps = isLine(fault) && (fault as { status?: number }).status !== 507
                if (!perhaps) outgoing = null
                inside.toggleAttribute("inert", perhaps)
                refuse(perhaps ? "return.send-line" : "return.send-refused")
            })
            .finally(() => {
                working = false
                button.removeAttribute("aria-disabled")
            })
    })
    return section
}
