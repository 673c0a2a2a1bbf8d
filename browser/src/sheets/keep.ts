/**
 * Ways of keeping something: as a file, on paper, as copied text, as a picture.
 *
 * In-app browsers (WeChat's among them) drop downloads without a word, so a page never relies on one way.
 */
import { h } from "../ui/index.ts"

const IN_APP = /MicroMessenger|\bQQ\/|Weibo|AliApp|DingTalk|Lark|Feishu|wxwork|FBAN|FBAV|FB_IAB|Instagram|\bLine\/|KAKAOTALK|Snapchat|TikTok|BytedanceWebview|aweme/i

/** Whether a download would arrive; false in browsers inside other apps. */
export function canDownload(agent: string = navigator.userAgent): boolean {
    return !IN_APP.test(agent)
}

export function download(name: string, content: Blob | string, type = "application/octet-stream"): void {
    const blob = typeof content === "string" ? new Blob([content], { type }) : content
    const address = URL.createObjectURL(blob)
    const link = h("a", { href: address, download: name, hidden: true })
    document.body.append(link)
    link.click()
    link.remove()
    setTimeout(() => URL.revokeObjectURL(address), 60_000)
}

/** Prints this element alone. Gone from the page again when the print dialog closes. */
export function printOnly(element: Element): void {
    document.querySelectorAll("body > .paper").forEach((old) => old.remove())
    const copy = h("div", { class: "paper", "aria-hidden": "true" }, element.cloneNode(true))
    copy.querySelectorAll("[id]").forEach((inner) => inner.removeAttribute("id"))
    document.body.append(copy)
    document.body.classList.add("prints")
    const end = () => {
        removeEventListener("afterprint", end)
        document.body.classList.remove("prints")
        copy.remove()
    }
    addEventListener("afterprint", end)
    window.print()
}

/** True once it is on the clipboard. */
export async function copyText(text: string): Promise<boolean> {
    try {
        await navigator.clipboard.writeText(text)
        return true
    } catch {
        return copyTheOldWay(text)
    }
}

function copyTheOldWay(text: string): boolean {
    const field = h("textarea", { readonly: true, "aria-hidden": "true", class: "aside-only" })
    field.value = text
    document.body.append(field)
    field.select()
    let copied = false
    try {
        copied = document.execCommand("copy")
    } catch {
        copied = false
    }
    field.remove()
    return copied
}
