import strings from "../../pages/strings.en.json"
import { frame } from "./frame.ts"
import { help } from "./help.ts"

frame("en", strings)
help()
