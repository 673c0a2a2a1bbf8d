/** One document, many pages: the order of the steps, and the browser's back button inside it. */
import { showPage, stepLine, t } from "../ui/index.ts"
import type { Child } from "../ui/index.ts"

export interface Step {
    readonly name: string
    /** "Step 3 of 7": pages that belong together share a number. */
    readonly number: number
    /** Whether it is left out just now. */
    passed?(): boolean
    render(walk: Walk): Child
}

export interface Walk {
    next(): void
    back(): void
    /** To a step by name, to change an answer; Continue then leads onward as usual. */
    to(name: string): void
    /** Shows the present step anew. */
    again(): void
    /** From here on there is no way back: the report is on its way. */
    lock(on: boolean): void
    /** The line above the h1. */
    line(): HTMLElement
}

/** Starts at the first step. `before` runs whenever a step is left. */
export function walk(steps: readonly Step[], total: number): Walk {
    let at = 0
    let locked = false
    const show = (index: number): void => {
        at = index
        const step = steps[at] as Step
        showPage({ title: t("common.step-title", { step: step.number, of: total }), step: step.name, content: step.render(self) })
    }
    const go = (index: number): void => {
        if (index < 0 || index >= steps.length) return
        // The entry holds a number only: nothing of what was said, and the address stays the same.
        history.pushState({ at: index }, "", location.href)
        show(index)
    }
    /** The first step from here on that is not left out. */
    const onward = (from: number): number => {
        let index = from
        while (steps[index]?.passed?.() === true) index += 1
        return index
    }
    const self: Walk = {
        next: () => go(onward(at + 1)),
        back: () => (at > 0 ? history.back() : location.assign("./")),
        to: (name) => go(steps.findIndex((step) => step.name === name)),
        again: () => show(at),
        lock: (on) => void (locked = on),
        line: () => {
            const step = steps[at] as Step
            return stepLine(step.number, total, locked ? null : self.back)
        },
    }
    addEventListener("popstate", (event) => {
        const wanted = (event.state as { at?: number } | null)?.at
        if (typeof wanted !== "number" || locked) {
            if (locked) history.pushState({ at }, "", location.href)
            return
        }
        show(onward(Math.min(wanted, steps.length - 1)))
    })
    history.replaceState({ at: 0 }, "", location.href)
    show(0)
    return self
}
