/** What to keep: the page is static; this adds the table of windows from `data/evidence.json`. */
import data from "../../data/evidence.json"
import { byId, h, said, t } from "../ui/index.ts"
import { organisation } from "./frame.ts"

export function keep(): void {
    byId("windows").append(...data.windows.map((one) =>
        h("tr", null, h("th", { scope: "row" }, said(one.what)), h("td", null, said(one.window)), h("td", null, (one.source.length > 1 ? one.source + t("keep.sources.join") : "") + t(`keep.status.${one.status}`)))))
    void organisation()
}
