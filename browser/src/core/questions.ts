/**
 * An organisation's own questions (docs/decisions/0035): what is asked, what a condition hides, and how asked words and
 * answers stand inside a sealed report or message (protocol/spec/payloads.md).
 *
 * Conditions name earlier questions only; a question whose condition was itself hidden is hidden, too. An answer is text, a
 * choice's id, "yes", "no" or "unknown", a day, or a list of choices' ids; null where she passed on.
 */
import { b64url, canonicalBytes, sha256, type Json } from "./bytes.ts"
import type { Bilingual } from "./roster.ts"
import { Shape } from "./shape.ts"

export type Answer = string | readonly string[]

export interface Choice {
    readonly id: string
    readonly text: Bilingual
}

export interface Question {
    readonly id: string
    /** "short", "long", "one", "several", "date", "yes-no"; one that is not known here is shown as text. */
    readonly kind: string
    readonly text: Bilingual
    readonly hint?: Bilingual
    readonly options?: readonly Choice[]
    readonly when?: { readonly question: string; readonly answers: readonly string[] }
}

export interface QuestionSet {
    readonly id: string
    readonly version: number
    /** SHA-256 of its canonical form, base64url. */
    readonly sha256: string
    readonly questions: readonly Question[]
}

/** One question as it was shown, with what was answered. */
export interface AskedQuestion {
    readonly id: string
    readonly kind: string
    readonly text: Bilingual
    readonly hint?: Bilingual
    readonly options?: readonly Choice[]
    readonly answer: Answer | null
}

/** In a report: the set that was asked, by version and hash, and its words. */
export interface AskedSet {
    readonly id: string
    readonly version: number
    readonly sha256: string
    /** In which language she read them: "en", "zh". */
    readonly language: string
    readonly asked: readonly AskedQuestion[]
}

/** In a message of the reporter's: answers to the questions of the message whose sealed file has this hash. */
export interface QuestionsReply {
    readonly to: string
    readonly language: string
    readonly asked: readonly AskedQuestion[]
}

export const YES_NO = ["yes", "no", "unknown"] as const

/** What the server offers. Throws Malformed "bad-questions". */
export function readQuestionSet(value: Json): QuestionSet {
    const shape = new Shape("bad-questions")
    const members = shape.object(value)
    if (members["format"] !== "answerable/questions/v1") shape.fail()
    return {
        id: shape.string(members["id"]),
        version: shape.integer(members["version"]),
        sha256: b64url(sha256(canonicalBytes(value))),
        questions: readQuestions(shape, members["questions"]),
    }
}

/** Throws what `shape` throws, also where a condition names no earlier question. */
export function readQuestions(shape: Shape, value: Json | undefined): Question[] {
    const known = new Set<string>()
    return shape.list(value, (one) => {
        const members = shape.object(one)
        const when = members["when"] === undefined ? undefined : shape.object(members["when"])
        if (when !== undefined && !known.has(shape.string(when["question"]))) shape.fail()
        const question: Question = {
            ...named(shape, members),
            ...(when === undefined ? {} : { when: { question: shape.string(when["question"]), answers: shape.list(when["answers"], (answer) => shape.string(answer)) } }),
        }
        if (known.has(question.id)) shape.fail()
        known.add(question.id)
        return question
    })
}

export function readAskedSet(shape: Shape, value: Json): AskedSet {
    const members = shape.object(value)
    return { id: shape.string(members["id"]), version: shape.integer(members["version"]), sha256: shape.hash(members["sha256"]), language: shape.string(members["language"]), asked: readAsked(shape, members["asked"]) }
}

export function readQuestionsReply(shape: Shape, value: Json): QuestionsReply {
    const members = shape.object(value)
    return { to: shape.hash(members["to"]), language: shape.string(members["language"]), asked: readAsked(shape, members["asked"]) }
}

function readAsked(shape: Shape, value: Json | undefined): AskedQuestion[] {
    return shape.list(value, (one) => {
        const members = shape.object(one)
        const answer = members["answer"]
        return { ...named(shape, members), answer: Array.isArray(answer) ? shape.list(answer, (each) => shape.string(each)) : shape.nullable(answer, (each) => shape.string(each)) }
    })
}

function named(shape: Shape, members: Readonly<Record<string, Json | undefined>>): Pick<Question, "id" | "kind" | "text" | "hint" | "options"> {
    const options = members["options"]
    return {
        id: shape.string(members["id"]),
        kind: shape.string(members["kind"]),
        text: both(shape, members["text"]),
        ...(members["hint"] === undefined ? {} : { hint: both(shape, members["hint"]) }),
        ...(options === undefined ? {} : { options: shape.list(options, (one) => {
            const option = shape.object(one)
            return { id: shape.string(option["id"]), text: both(shape, option["text"]) }
        }) }),
    }
}

function both(shape: Shape, value: Json | undefined): Bilingual {
    const members = shape.object(value)
    return { en: shape.string(members["en"]), zh: shape.string(members["zh"]) }
}

/** Whether this question is asked after these answers. */
export function isAsked(questions: readonly Question[], question: Question, answers: ReadonlyMap<string, Answer>): boolean {
    const { when } = question
    if (when === undefined) return true
    const about = questions.find(({ id }) => id === when.question)
    if (about === undefined || about === question || !isAsked(questions, about, answers)) return false
    const answer = answers.get(about.id)
    const given = answer === undefined ? [] : typeof answer === "string" ? [answer] : answer
    return given.some((one) => when.answers.indexOf(one) >= 0)
}

/** What was shown, in order, with what was answered; what a condition hid is left out, and so is what was typed there before. */
export function asked(questions: readonly Question[], answers: ReadonlyMap<string, Answer>): AskedQuestion[] {
    return questions
        .filter((question) => isAsked(questions, question, answers))
        .map(({ when: _, ...shown }) => ({ ...shown, answer: said(answers.get(shown.id)) }))
}

function said(answer: Answer | undefined): Answer | null {
    if (answer === undefined) return null
    if (typeof answer === "string") return answer.trim() || null
    return answer.length > 0 ? [...answer] : null
}
