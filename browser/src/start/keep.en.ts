import strings from "../../pages/strings.en.json"
import { frame } from "./frame.ts"
import { keep } from "./keep.ts"

frame("en", strings)
keep()
