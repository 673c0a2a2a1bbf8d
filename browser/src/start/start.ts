/** Before you start. The page is complete without this script but for the name and the browser check. */
import { byId } from "../ui/index.ts"
import { organisation } from "./frame.ts"
import { browserNotice } from "./notice.ts"

export function start(): void {
    const notice = browserNotice()
    if (notice) {
        const slot = byId("browser-check")
        slot.append(notice)
        slot.hidden = false
    }
    void organisation()
}
