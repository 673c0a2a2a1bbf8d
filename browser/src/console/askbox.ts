/** Where a handler picks questions to go with an answer: from the organisation's own set, or written here. */
import { readQuestionSet, type Question } from "../core/questions.ts"
import type { Desk } from "./desk.ts"
import { fill, h } from "./dom.ts"
import { button, field, Status, tick } from "./parts.ts"
import { said, t } from "./words.ts"

const MOST = 12
const LONGEST = 400
const FREE = ["long", "short", "yes-no", "date"] as const

export interface AskBox {
    readonly element: HTMLDetailsElement
    /** In the order they will be shown. A condition on a question that is not asked with it falls away. */
    questions(): Question[]
    clear(): void
}

export function askBox(desk: Desk): AskBox {
    let offered: readonly Question[] = []
    const chosen = new Set<string>()
    const free: Question[] = []
    const status = new Status()
    const set = h("fieldset", { class: "choices", hidden: true })
    const list = h("ul", { class: "plain flow", "data-testid": "asked-free" })
    const text = h("textarea", { id: "ask-text", "data-testid": "ask-text", rows: "2", maxlength: String(LONGEST) })
    const kind = h("select", { id: "ask-kind", "data-testid": "ask-kind" }, FREE.map((one) => h("option", { value: one }, t(`console.ask.kind.${one}`))))
    const drawSet = (): void => {
        set.hidden = offered.length === 0
        fill(set, h("legend", null, t("console.ask.set")), offered.map((question) => {
            const made = tick(said(question.text), { checked: chosen.has(question.id), value: question.id, id: `ask-${question.id}`, onchange: () => {
                if (made.input.checked) chosen.add(question.id)
                else chosen.delete(question.id)
            } })
            return made.label
        }))
    }
    const drawFree = (): void => {
        list.hidden = free.length === 0
        fill(list, free.map((question, at) => h("li", null, h("span", null, question.text.en, " "), button(t("console.ask.remove"), () => {
            free.splice(at, 1)
            drawFree()
        }, { quiet: true }))))
    }
    /** Typed and not added counts as added: nothing that was written is left behind in silence. */
    const add = (): void => {
        const words = text.value.trim()
        if (words === "") return
        free.push({ id: freshId(offered, free), kind: kind.value, text: { en: words, zh: words } })
        text.value = ""
        drawFree()
    }
    let asked = false
    const load = async (): Promise<void> => {
        if (asked) return
        asked = true
        try {
            const { questions } = await desk.server.questions()
            offered = questions === null ? [] : readQuestionSet(questions).questions
            drawSet()
        } catch (error) {
            asked = false
            status.fail(error)
        }
    }
    drawFree()
    const element = h("details", { class: "fold", id: "ask-more", "data-testid": "ask-more", ontoggle: () => void (element.open && load()) },
        h("summary", null, t("console.ask.title")),
        h("div", { class: "flow" },
            h("p", { class: "hint" }, t("console.ask.hint")),
            set,
            list,
            field(t("console.ask.text"), text),
            field(t("console.ask.kind"), kind),
            h("div", { class: "act" }, button(t("console.ask.add"), () => {
                add()
                text.focus()
            }, { id: "ask-add" })),
            status.element))
    return {
        element,
        questions() {
            add()
            const picked = offered.filter(({ id }) => chosen.has(id)).map((question) => {
                const { when, ...rest } = question
                return when !== undefined && chosen.has(when.question) ? question : rest
            })
            return [...picked, ...free].slice(0, MOST)
        },
        clear() {
            chosen.clear()
            free.length = 0
            text.value = ""
            drawSet()
            drawFree()
            element.open = false
        },
    }
}

function freshId(...known: readonly (readonly Question[])[]): string {
    const used = new Set(known.reduce<string[]>((all, some) => [...all, ...some.map(({ id }) => id)], []))
    for (let n = 1; ; n++) if (!used.has(`f${n}`)) return `f${n}`
}
