import strings from "../../pages/strings.zh.json"
import { frame } from "./frame.ts"
import { start } from "./start.ts"

frame("zh", strings)
start()
