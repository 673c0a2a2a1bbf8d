/** The organisation's own questions, one to a page; each can be passed over, and a condition may leave it out. */
import { isAsked, type Question } from "../core/questions.ts"
import { answerField } from "../sheets/questions.ts"
import { h, note, said, t } from "../ui/index.ts"
import type { Desk } from "./desk.ts"
import { button } from "./fields.ts"
import type { Step } from "./flow.ts"

/** The page's name of a question: `own-<id>`. */
export function ownStep(desk: Desk, question: Question): Step {
    const { draft } = desk
    const name = `own-${question.id}`
    return {
        name,
        number: 3,
        passed: () => !isAsked(desk.questions?.questions ?? [], question, draft.own),
        render: (walk) => [
            walk.line(),
            h("div", { class: "split" },
                h("div", { class: "flow" },
                    h("h1", null, said(question.text)),
                    answerField(name, question, draft.own.get(question.id), (answer) => {
                        if (answer === undefined) draft.own.delete(question.id)
                        else draft.own.set(question.id, answer)
                    }, true),
                    h("div", { class: "act" }, button("next", t("common.continue"), walk.next), button("skip", t("own.skip"), () => {
                        draft.own.delete(question.id)
                        walk.next()
                    }, "btn quiet")),
                ),
                h("aside", { class: "notes" }, note(t("own.note"), h("p", null, t("own.note-text"))), note(t("own.note.who"), h("p", null, t("own.note.who-text")))),
            ),
        ],
    }
}
