/**
 * Sending: seals, works, sends, and tries again by itself for as long as it takes. Once something is sealed
 * there is no way back, since the server may have it already; the same parcel goes again.
 */
import { CoreError } from "../core/errors.ts"
import { download, canDownload, copyText } from "../sheets/keep.ts"
import { fill, forgetOnLeaving, h, icon, linkTo, said, t, type Child } from "../ui/index.ts"
import type { Desk } from "./desk.ts"
import { button } from "./fields.ts"
import type { Step, Walk } from "./flow.ts"
import { ApiError, NoConnection } from "../net/api.ts"
import { deliver, parcelFile, passing, sealAll, type Accepted, type Parcel, type Stage } from "./send.ts"

export interface Sent {
    readonly parcel: Parcel
    readonly accepted: Accepted
}

/** Only while something is on its way does the browser ask before it closes the page. */
export function holdPage(): () => void {
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault()
    addEventListener("beforeunload", ask)
    const release = (): void => removeEventListener("beforeunload", ask)
    forgetOnLeaving(release)
    return release
}

export function sendingStep(desk: Desk, done: (sent: Sent, walk: Walk) => void, listChanged: (walk: Walk) => void): Step {
    let parcel: Parcel | null = null
    let running = false
    return {
        name: "sending",
        number: desk.draft.kind === "report" ? 7 : 5,
        render: (walk) => {
            const bar = h("progress", { max: "1", "aria-label": t("report.sending.bar") })
            const stage = h("p", { role: "status", "aria-live": "polite", id: "stage", "data-testid": "stage" }, t("report.sending.sealing"))
            const trouble = h("div", { class: "flow read", "data-testid": "trouble" })
            const show = (name: Stage, share: number | null): void => {
                const text = t(`report.sending.${name}`)
                if (stage.textContent !== text) stage.textContent = text
                if (share === null) bar.removeAttribute("value")
                else bar.value = share
            }
            if (!running) {
                running = true
                void run()
            }
            return [
                h("div", { class: "step" }, h("span", null, t("common.step", { step: desk.draft.kind === "report" ? 7 : 5, of: desk.draft.kind === "report" ? 7 : 5 }))),
                h("div", { class: "flow waiting" }, h("h1", null, t("report.sending.h1")), h("p", { class: "read" }, t("report.sending.lead")), h("div", { class: "read" }, bar, stage), trouble),
            ]

            async function run(): Promise<void> {
                const release = holdPage()
                try {
                    parcel ??= await sealAll(desk, new Date(), show)
                    walk.lock(true)
                    const accepted = await keepTrying(parcel)
                    release()
                    done({ parcel, accepted }, walk)
                } catch (error) {
                    release()
                    running = false
                    const stale = error instanceof ApiError && ["stale-roster", "not-in-roster"].includes(error.code)
                    if (stale) {
                        parcel = null
                        walk.lock(false)
                        return listChanged(walk)
                    }
                    if (!(error instanceof CoreError)) throw error
                    stage.textContent = t("report.sending.stopped")
                    bar.hidden = true
                    fill(trouble, refusedPart(desk, parcel, error.code, () => walk.again()))
                }
            }

            async function keepTrying(what: Parcel): Promise<Accepted> {
                for (let tries = 0; ; tries++) {
                    const stop = new AbortController()
                    forgetOnLeaving(() => stop.abort())
                    try {
                        const accepted = await deliver(what, desk.server, show, stop.signal)
                        fill(trouble)
                        return accepted
                    } catch (error) {
                        if (!passing(error)) throw error
                        await pause(what, tries, error instanceof NoConnection)
                    }
                }
            }

            /** Waits 2, 4, 8 … 60 seconds, until the line is back, or until she presses "Try now". */
            function pause(what: Parcel, tries: number, offline: boolean): Promise<void> {
                bar.removeAttribute("value")
                stage.textContent = t(offline ? "report.sending.offline" : "report.sending.busy")
                return new Promise((go) => {
                    const end = (): void => {
                        clearTimeout(timer)
                        removeEventListener("online", end)
                        go()
                    }
                    const timer = setTimeout(end, Math.min(60, 2 ** (tries + 1)) * 1000)
                    addEventListener("online", end)
                    fill(trouble, h("div", { class: "act" }, button("try-now", t("report.sending.try-now"), end, "btn")), tries >= 1 && elsewhere(desk, what))
                })
            }
        },
    }
}

function refusedPart(desk: Desk, parcel: Parcel | null, code: string, again: () => void): Child {
    return h("section", { class: "errors flow", role: "alert", "data-testid": "send-refused", "data-code": code },
        h("h2", null, t("report.sending.refused")), h("p", null, t(code === "no-room" ? "report.sending.no-room" : "report.sending.refused-text")),
        h("div", { class: "act" }, button("try-again", t("report.sending.try-now"), again, "btn")), parcel && elsewhere(desk, parcel),
        h("p", { class: "small soft" }, t("report.refused.code", { code })))
}

/** The sealed parcel for the external member's own address: nobody on the way can open it. */
function elsewhere(desk: Desk, parcel: Parcel): Child {
    if (parcel.kind !== "cases") return null
    const contact = desk.organisation.outside_contact
    const told = h("p", { role: "status", class: "soft" })
    const file = (): void => {
        download("sealed.json", parcelFile(parcel), "application/json")
        told.textContent = t(canDownload() ? "report.elsewhere.saved" : "report.elsewhere.perhaps")
    }
    const copy = (): void => void copyText(parcelFile(parcel)).then((copied) => void (told.textContent = t(copied ? "report.elsewhere.copied" : "report.elsewhere.perhaps")))
    // Whoever answers at that address opens the file only if she chose an external member; otherwise they can but pass it on.
    const outside = desk.readers?.newest.people.some(({ id, role }) => role === "external" && desk.draft.panel.includes(id)) ?? false
    return h("section", { class: "sheet flow", "data-testid": "elsewhere" }, h("h2", null, t("report.elsewhere.h2")), h("p", null, t(outside ? "report.elsewhere.text" : "report.elsewhere.text-carry")),
        contact && said(contact.name) && h("dl", { class: "facts lines" }, h("dt", null, said(contact.name)), h("dd", null, [contact.email, contact.post, contact.telephone].filter(Boolean).map((line) => h("div", null, line)))),
        h("div", { class: "act" }, h("button", { class: "btn", type: "button", id: "save-sealed", onclick: file }, icon("down"), t("report.elsewhere.save")), h("button", { class: "btn", type: "button", id: "copy-sealed", onclick: copy }, icon("copy"), t("report.elsewhere.copy"))), told,
        h("p", null, h("a", { href: linkTo("other-ways"), target: "_blank", rel: "noopener" }, t("common.foot.other"))))
}
