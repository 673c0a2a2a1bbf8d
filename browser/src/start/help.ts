/** Help lines by country, from `data/help-lines.json`. */
import data from "../../data/help-lines.json"
import { byId, day, fill, h, language, said, t } from "../ui/index.ts"
import { organisation } from "./frame.ts"

type Country = (typeof data.countries)[number]
interface Line { readonly number: string; readonly sms?: boolean }

const ZONES: Readonly<Record<string, string>> = {
    "Asia/Shanghai": "CN", "Asia/Urumqi": "CN", "Asia/Chongqing": "CN", "Asia/Hong_Kong": "HK", "Europe/Dublin": "IE", "Europe/London": "GB",
    "Europe/Paris": "FR", "Europe/Berlin": "DE", "Asia/Kolkata": "IN", "Asia/Calcutta": "IN", "Asia/Tokyo": "JP", "Asia/Seoul": "KR", "Asia/Singapore": "SG",
}

/** The country that the device's clock suggests; no address is looked up. */
export function likelyCountry(zone: string, fallback: string): string {
    if (ZONES[zone]) return ZONES[zone] as string
    if (zone.startsWith("Australia/")) return "AU"
    if (/^(America\/(New_York|Chicago|Denver|Los_Angeles|Phoenix)|US\/)/.test(zone)) return "US"
    return fallback
}

export function help(): void {
    const select = byId<HTMLSelectElement>("country")
    for (const country of data.countries) select.append(h("option", { value: country.id }, said(country.name)))
    select.value = likelyCountry(Intl.DateTimeFormat().resolvedOptions().timeZone, language() === "zh" ? "CN" : "IE")
    select.addEventListener("change", () => show(select.value))
    show(select.value)
    void organisation()
}

function show(id: string): void {
    const country = data.countries.find((one) => one.id === id)
    if (country) fill(byId("lines"), lines(country))
}

function lines(country: Country): HTMLElement[] {
    return [
        h("h2", null, t("help.emergency")),
        h("ul", { class: "line-list read" }, country.emergency.map((line) => h("li", null, call(line), h("p", { class: "soft" }, said(line.for))))),
        h("h2", null, t("help.lines")),
        h("ul", { class: "line-list read" }, country.lines.map((line) => h("li", null,
            h("h3", null, said(line.name)), call(line), h("p", null, said(line.about)),
            h("p", { class: "small soft" }, t(`help.status.${line.status}`), t("help.source"), h("a", { href: line.source, rel: "noreferrer" }, host(line.source)))))),
        h("p", { class: "small soft read" }, t("help.asof", { date: day(new Date(data.made + "T12:00:00Z")) })),
    ]
}

function call(line: Line): HTMLElement {
    const digits = line.number.replace(/[^\d+#*]/g, "").replace("#", "%23")
    return h("a", { class: "call", href: `${line.sms ? "sms" : "tel"}:${digits}` }, t(line.sms ? "help.text" : "help.call", { number: line.number }))
}

function host(address: string): string {
    return new URL(address).hostname.replace(/^www\./, "")
}
