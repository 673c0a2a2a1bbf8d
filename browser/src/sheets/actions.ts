/** The row of buttons under a sheet: print, copy, picture, and a file where the browser keeps files. */
import { fill, h, icon, t } from "../ui/index.ts"
import { canDownload, copyText, download, printOnly } from "./keep.ts"
import { pictureOf, showPicture, type Part } from "./picture.ts"

export interface KeepWays {
    /** Begins every data-testid: "receipt" gives "receipt-download". */
    name: string
    sheet: Element
    text: string
    picture: { parts: readonly Part[]; label: string }
    file?: { name: string; content: string; type: string }
}

/** Buttons and the line that says what happened; the picture appears below them. */
export function keepRow(ways: KeepWays): HTMLElement {
    const said = h("p", { role: "status", "aria-live": "polite", class: "small soft" })
    const shown = h("div", null)
    const row = h("div", { class: "act" })
    const { file } = ways
    const button = (id: string, sign: string, key: string, main: boolean, press: () => void) =>
        h("button", { class: main ? "btn go" : "btn", type: "button", "data-testid": `${ways.name}-${id}`, onclick: press }, icon(sign), t(key))
    const drops = !canDownload()
    const asPicture = () => {
        const address = pictureOf(ways.picture.parts)
        if (!address) return say(said, "receipt.picture-failed")
        fill(shown, showPicture(address, ways.picture.label))
        say(said, "receipt.picture-below")
    }
    const buttons = [
        file && button("download", "down", "receipt.download", !drops, () => {
            download(file.name, file.content, file.type)
            say(said, drops ? "receipt.downloaded-perhaps" : "receipt.downloaded")
        }),
        button("print", "print", "receipt.print", false, () => printOnly(ways.sheet)),
        button("copy", "copy", "receipt.copy", false, () => void copyText(ways.text).then((done) => say(said, done ? "receipt.copied" : "receipt.copy-failed"))),
        button("picture", "photo", "receipt.picture", drops, asPicture),
    ]
    // Where downloads vanish, the way that works comes first.
    fill(row, drops ? buttons.reverse() : buttons)
    return h("div", { class: "keep flow" }, row, said, shown)
}

function say(line: HTMLElement, key: string): void {
    line.textContent = t(key)
}
