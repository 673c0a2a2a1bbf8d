/**
 * Forgets by itself: after ten minutes without a touch an open mailbox is wiped from the page, with a notice a
 * minute before. Time passes by the clock, not by the timer: a phone that slept wakes up to a locked page.
 */
export interface ForgetOptions {
    afterMs?: number
    noticeMs?: number
    /** Seconds left; null when it was touched again. */
    onNotice(secondsLeft: number | null): void
    onForget(): void
    now?(): number
}

const TOUCHES = ["pointerdown", "keydown", "input", "wheel", "touchstart"] as const

/** Starts watching; answers with a function that ends it. */
export function forgetByItself(options: ForgetOptions): () => void {
    const { afterMs = 600_000, noticeMs = 60_000, now = () => Date.now() } = options
    let touched = now()
    let noticed = false
    const touch = () => {
        if (now() - touched >= afterMs) return look() // too late: the page may have slept
        touched = now()
        if (noticed) options.onNotice(null)
        noticed = false
    }
    const look = () => {
        const left = touched + afterMs - now()
        if (left <= 0) {
            end()
            options.onForget()
        } else if (left <= noticeMs) {
            noticed = true
            options.onNotice(Math.ceil(left / 1000))
        }
    }
    const timer = setInterval(look, 1000)
    const end = () => {
        clearInterval(timer)
        for (const name of TOUCHES) document.removeEventListener(name, touch, true)
        document.removeEventListener("visibilitychange", look)
    }
    for (const name of TOUCHES) document.addEventListener(name, touch, { capture: true, passive: true })
    document.addEventListener("visibilitychange", look)
    return end
}
