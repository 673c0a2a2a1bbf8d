import more from "../../pages/strings-return.en.json"
import strings from "../../pages/strings.en.json"
import { frame } from "../start/frame.ts"
import { report } from "./main.ts"

frame("en", { ...strings, ...more })
void report(() => import("../core/words-en.ts").then(({ english }) => english))
