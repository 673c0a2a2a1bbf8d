/**
 * Leave at once: the button that is always in view, and Esc three times. It never asks.
 *
 * What was typed goes first, so that a slow line shows an empty page and not the report; then another
 * page takes this one's place in the history. Coming back with the browser's button leaves again.
 */
import { h } from "./dom.ts"

const PRESSES = 3
const WITHIN_MS = 2000

let target = "https://www.wikipedia.org/"
let gone = false
const forgetters: (() => void)[] = []

/** Where to go; anything but http(s) is ignored. */
export function setLeaveTarget(url: string): void {
    if (!/^https?:\/\//.test(url)) return
    target = url
    document.querySelectorAll<HTMLAnchorElement>("a.leave").forEach((link) => void (link.href = url))
}

/** Registers what must be forgotten on leaving: secrets and words held in memory. */
export function forgetOnLeaving(forget: () => void): void {
    forgetters.push(forget)
}

export function leaveNow(): void {
    gone = true
    document.title = "…"
    document.querySelectorAll("form").forEach((form) => form.reset())
    document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("input, textarea").forEach((field) => void (field.value = ""))
    document.body.replaceChildren(h("p"))
    for (const forget of forgetters) forget()
    try {
        history.replaceState(null, "", location.pathname)
    } catch {
        // Some in-app browsers refuse; leaving matters more.
    }
    location.replace(target)
}

/** Makes the page's `.leave` button and the Esc key work. Call once, before anything else. */
export function installLeave(): void {
    const link = document.querySelector<HTMLAnchorElement>("a.leave")
    if (link) {
        if (/^https?:/.test(link.href)) target = link.href
        link.addEventListener("click", (event) => {
            event.preventDefault()
            leaveNow()
        })
    }
    let presses: number[] = []
    document.addEventListener("keydown", (event) => {
        if (event.key !== "Escape") return void (presses = [])
        const now = Date.now()
        presses = [...presses, now].filter((at) => now - at < WITHIN_MS)
        if (presses.length >= PRESSES) leaveNow()
    }, true)
    // A page kept whole in the back-forward cache would show again what was left.
    window.addEventListener("pageshow", (event) => {
        if (event.persisted && gone) leaveNow()
    })
}
