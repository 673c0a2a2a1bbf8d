import strings from "../../pages/strings.en.json"
import { frame } from "./frame.ts"
import { start } from "./start.ts"

frame("en", strings)
start()
