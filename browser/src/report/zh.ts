import more from "../../pages/strings-return.zh.json"
import strings from "../../pages/strings.zh.json"
import { frame } from "../start/frame.ts"
import { report } from "./main.ts"

frame("zh", { ...strings, ...more })
void report(() => import("../core/words-zh.ts").then(({ chinese }) => chinese))
