/**
 * The handler's open keys: in memory, for as long as somebody is at the desk.
 *
 * - nothing of them reaches web storage, a log or the address
 * - they are forgotten after `minutes` without a key or a press, on "Lock now", and with the tab
 * - whoever keeps opened words registers with `onLock` and drops them there
 */
import type { HandlerKeys } from "../core/handlerkeys.ts"

const CHECK_EVERY = 5_000
/** A move of the page's own counts as use at most this often, so that the shown hour does not jitter. */
const GRAIN = 20_000

export class Session {
    private held: HandlerKeys | null = null
    private untilTime = 0
    private timer: ReturnType<typeof setInterval> | null = null
    private readonly lockers = new Set<() => void>()
    private readonly watchers = new Set<() => void>()

    constructor(
        private readonly minutes: number,
        private readonly now: () => number = () => Date.now(),
    ) {}

    /** The keys. Throws if the console is locked: a caller that can be locked asks `isOpen` first. */
    get keys(): HandlerKeys {
        if (this.held === null) throw new Error("locked")
        return this.held
    }

    get isOpen(): boolean {
        return this.held !== null
    }

    get until(): Date {
        return new Date(this.untilTime)
    }

    open(keys: HandlerKeys): void {
        this.held = keys
        this.untilTime = this.now() + this.minutes * 60_000
        this.timer ??= setInterval(() => this.check(), CHECK_EVERY)
        this.watchers.forEach((tell) => tell())
    }

    /** Somebody is here: the time starts again. */
    touch(): void {
        if (this.held === null) return
        // A device that slept does not call timers: what came due meanwhile locks now, use or no use.
        if (this.check()) return
        const next = this.now() + this.minutes * 60_000
        if (next - this.untilTime < GRAIN) return
        this.untilTime = next
        this.watchers.forEach((tell) => tell())
    }

    /** Locks if the time is over; says whether it did. */
    check(): boolean {
        if (this.held === null || this.now() < this.untilTime) return false
        this.lock()
        return true
    }

    lock(): void {
        if (this.held === null) return
        this.held.signSeed.fill(0)
        this.held = null
        if (this.timer !== null) clearInterval(this.timer)
        this.timer = null
        this.lockers.forEach((forget) => forget())
        this.watchers.forEach((tell) => tell())
    }

    onLock(forget: () => void): () => void {
        this.lockers.add(forget)
        return () => this.lockers.delete(forget)
    }

    onChange(tell: () => void): () => void {
        this.watchers.add(tell)
        return () => this.watchers.delete(tell)
    }
}
