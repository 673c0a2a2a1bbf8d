/** The line above the first question that says what this browser can't do, and how to open a real one. */
import { h, language, t, type Child } from "../ui/index.ts"
import { appOf, canSealHere, companyRuns } from "./browser.ts"

/** Null where there is nothing to say. */
export function browserNotice(agent: string = navigator.userAgent): HTMLElement | null {
    if (!canSealHere()) {
        return box(t("start.browser.cannot.h2"), t("start.browser.cannot.text"), h("p", null, h("a", { class: "btn", href: "other-ways" }, t("common.foot.other"))))
    }
    const app = appOf(agent)
    if (!app) return null
    const chinese = language() === "zh" ? "" : " "
    return box(
        t("start.browser.inapp.h2", { app: t(`start.browser.app.${app}`) }),
        t("start.browser.inapp.text") + (app === "wechat" || app === "wecom" || app === "qq" ? chinese + t("start.browser.inapp.wechat") : ""),
        companyRuns(app) && h("p", null, t("start.browser.company")),
        copyAddress(),
    )
}

function box(title: string, text: string, ...rest: Child[]): HTMLElement {
    return h("section", { class: "sheet flow", id: "browser-notice", "data-testid": "browser-notice" }, h("h2", null, title), h("p", null, text), rest)
}

function copyAddress(): HTMLElement {
    const said = h("p", { role: "status", class: "soft" })
    const copy = async (): Promise<void> => {
        try {
            await navigator.clipboard.writeText(location.href)
            said.textContent = t("start.browser.copied")
        } catch {
            said.replaceChildren(t("start.browser.copy-by-hand"), " ", h("code", null, location.href))
        }
    }
    return h("div", { class: "flow" }, h("button", { class: "btn", type: "button", id: "copy-address", onclick: () => void copy() }, t("start.browser.copy")), said)
}
