import strings from "../../pages/strings.zh.json"
import { frame } from "./frame.ts"
import { keep } from "./keep.ts"

frame("zh", strings)
keep()
