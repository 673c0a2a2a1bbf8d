/** Files: everything is done by the file list itself; this page says what it is for. */
import { fileList } from "../files/picker.ts"
import { h, note, showErrors, t } from "../ui/index.ts"
import type { Desk } from "./desk.ts"
import { button } from "./fields.ts"
import type { Step } from "./flow.ts"

export function filesStep(desk: Desk): Step {
    const { draft, organisation } = desk
    return {
        name: "files",
        number: draft.kind === "report" ? 4 : 3,
        render: (walk) => {
            const files = (draft.files ??= fileList({ limits: organisation.limits, voice: true }))
            const go = (): void => {
                if (!files.busy()) return walk.next()
                showErrors(document.getElementById("main") as HTMLElement, [{ field: "files-part", text: t("report.files.busy") }])
            }
            return [
                walk.line(),
                h("div", { class: "split" },
                    h("div", { class: "flow" },
                        h("h1", null, t("report.files.h1")), h("p", { class: "read" }, t("report.files.lead")),
                        h("div", { class: "question read", id: "files-part", tabindex: "-1" }, files.element),
                        h("div", { class: "act" }, button("next", t("common.continue"), go), button("skip", t("common.skip-question"), go, "btn quiet")),
                    ),
                    h("aside", { class: "notes" }, note(t("report.files.note.hidden"), h("p", null, t("report.files.note.hidden-text"))), note(t("report.files.note.content"), h("p", null, t("report.files.note.content-text"))), note(t("report.files.note.later"), h("p", null, t("report.files.note.later-text")))),
                ),
            ]
        },
    }
}
