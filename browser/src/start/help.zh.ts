import strings from "../../pages/strings.zh.json"
import { frame } from "./frame.ts"
import { help } from "./help.ts"

frame("zh", strings)
help()
