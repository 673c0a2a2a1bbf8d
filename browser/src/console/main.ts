/** The handlers' console: one document, so that keys and opened words never leave this tab's memory. */
import { parsePolicy, policyOf, type Policy } from "../core/receipt.ts"
import { CoreError } from "../core/errors.ts"
import { publicHalves } from "../core/handlerkeys.ts"
import { fill, h } from "./dom.ts"
import type { Desk, Place, View } from "./desk.ts"
import { openDrafts, sealDrafts, type SealedDraft } from "./drafts.ts"
import { buildFrame, type Frame } from "./frame.ts"
import { wordsFor } from "./parts.ts"
import { rememberLog, watchRoster, type Watch } from "./rosterwatch.ts"
import { csrfToken, Offline, Server, ServerRefused } from "./server.ts"
import { Session } from "./session.ts"
import type { Me, OrganisationFacts } from "./types.ts"
import { useTimeZone } from "./when.ts"
import { speak, t, type Language } from "./words.ts"
import { caseView } from "./view-case.ts"
import { handoverView } from "./view-handover.ts"
import { importView } from "./view-import.ts"
import { inboxView } from "./view-inbox.ts"
import { firstKeyView, keyView } from "./view-key.ts"
import { noticesView } from "./view-notices.ts"
import { rosterView } from "./view-roster.ts"
import { sealedFileView } from "./view-sealed.ts"

const REFRESH_EVERY = 15_000
const AUTO_LOCK_MINUTES = 15

export async function start(root: HTMLElement): Promise<void> {
    speak(root.dataset["lang"] === "zh" ? "zh" : "en")
    const server = new Server(root.dataset["org"] ?? "", csrfToken(root.dataset["csrf"] ?? ""))
    try {
        const [facts, me] = await Promise.all([server.organisation(), server.me()])
        await new Console(root, server, facts, me, await policyFor(server, facts)).begin()
    } catch (error) {
        fill(root, h("main", { id: "main" }, problem(error, () => void start(root))))
    }
}

async function policyFor(server: Server, facts: OrganisationFacts): Promise<Policy> {
    try {
        return parsePolicy(await server.logText("policy"))
    } catch (error) {
        if (!(error instanceof CoreError || error instanceof ServerRefused)) throw error
        return policyOf(facts.log_key)
    }
}

class Console implements Desk {
    readonly session: Session
    readonly drafts = new Map<string, SealedDraft>()
    readonly titles = new Map<string, string>()
    watch: Watch = { chain: null, alarms: [], unseen: [], log: null }
    skew = 0
    private place: Place = { view: "inbox" }
    private view: View | null = null
    private refreshing = false
    private readonly frame: Frame

    constructor(
        root: HTMLElement,
        readonly server: Server,
        readonly facts: OrganisationFacts,
        public me: Me,
        readonly policy: Policy,
    ) {
        useTimeZone(facts.time_zone)
        this.session = new Session(me.auto_lock_minutes || AUTO_LOCK_MINUTES)
        this.frame = buildFrame(root, this, (language) => this.speak(language))
    }

    async begin(): Promise<void> {
        this.session.onLock(() => this.locked())
        this.session.onChange(() => this.frame.showLock())
        for (const kind of ["keydown", "pointerdown", "input"]) addEventListener(kind, () => this.session.touch(), true)
        addEventListener("hashchange", () => this.arrive())
        document.addEventListener("visibilitychange", () => {
            this.session.check()
            if (!document.hidden) void this.refresh()
        })
        addEventListener("online", () => void this.refresh())
        addEventListener("pagehide", () => this.session.lock())
        await this.look()
        this.arrive()
        setInterval(() => void this.refresh(), REFRESH_EVERY)
    }

    /** Reads roster and log again. */
    private async look(): Promise<void> {
        const { org, origin } = this.facts
        const log = { text: (path: string) => this.server.logText(path), bytes: (path: string) => this.server.logBytes(path) }
        const expect = { org, origin, me: this.me.person.id, policy: this.policy, own: this.me.key }
        this.watch = await watchRoster(await this.server.rosterChain(), log, localStorage, expect)
        rememberLog(localStorage, org, this.watch)
    }

    async reload(): Promise<void> {
        this.me = await this.server.me()
        await this.look()
        this.redraw()
    }

    go(place: Place): void {
        const hash = place.view === "case" ? `#case/${place.id}` : `#${place.view}`
        if (location.hash === hash) this.arrive()
        else location.hash = hash
    }

    /** Shows the page that the address names. */
    private arrive(): void {
        const id = /^#case\/([A-Za-z0-9_-]{22})$/.exec(location.hash)?.[1]
        const named = /^#(inbox|roster|key|notices|sealed|handover|import)$/.exec(location.hash)?.[1] as "inbox" | undefined
        this.place = id !== undefined ? { view: "case", id } : { view: named ?? "inbox" }
        this.redraw()
        window.scrollTo(0, 0)
        this.frame.focusTitle()
    }

    redraw(): void {
        this.view?.stop?.()
        this.view = this.build()
        this.frame.show(this.view, this.place)
    }

    private build(): View {
        if (this.me.key === null && this.place.view !== "notices") return firstKeyView(this)
        switch (this.place.view) {
            case "case":
                return caseView(this, this.place.id)
            case "roster":
                return rosterView(this)
            case "key":
                return keyView(this)
            case "notices":
                return noticesView(this)
            case "sealed":
                return sealedFileView(this)
            case "handover":
                return handoverView(this)
            case "import":
                return importView(this)
            case "inbox":
                return inboxView(this)
        }
    }

    private speak(language: Language): void {
        speak(language)
        this.frame.redraw()
        this.redraw()
        this.frame.focusTitle()
    }

    private locked(): void {
        this.titles.clear()
        if (this.me.key !== null) void sealDrafts(this.drafts, this.facts.org, this.me.key.recipient)
        this.redraw()
        this.frame.focusTitle()
    }

    /** Takes the keys that were just unwrapped. Throws CoreError "other-key" where they are not the published ones. */
    async unlocked(keys: Parameters<Session["open"]>[0]): Promise<void> {
        const halves = await publicHalves(keys)
        if (halves.recipient !== this.me.key?.recipient || halves.sign !== this.me.key.sign) throw new CoreError("other-key")
        this.session.open(keys)
        await openDrafts(this.drafts, this.facts.org, keys.ageIdentity)
        this.redraw()
        this.frame.focusTitle()
    }

    private async refresh(): Promise<void> {
        if (this.refreshing || document.hidden || this.view?.refresh === undefined) return
        this.refreshing = true
        try {
            await this.view.refresh()
            this.frame.line(null)
        } catch (error) {
            this.frame.line(lineText(error))
        } finally {
            this.refreshing = false
        }
    }

    say(text: string): void {
        this.frame.say(text)
    }
}

function lineText(error: unknown): string {
    if (error instanceof Offline) return t("console.line.lost")
    if (error instanceof ServerRefused && (error.status === 401 || (error.status === 403 && error.code !== "prove-again"))) return t("console.line.signed-out")
    if (error instanceof ServerRefused) return t("console.line.refused", { code: error.code })
    if (error instanceof CoreError) return wordsFor(error)
    throw error
}

function problem(error: unknown, again: () => void): HTMLElement {
    return h(
        "div",
        { class: "flow" },
        h("h1", { tabindex: "-1" }, t("console.start.title")),
        h("p", { role: "alert" }, lineText(error)),
        h("div", { class: "act" }, h("button", { class: "btn go", type: "button", onclick: again }, t("console.again"))),
    )
}

const root = typeof document === "undefined" ? null : document.getElementById("console")
if (root !== null) void start(root)
