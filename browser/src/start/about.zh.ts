import strings from "../../pages/strings.zh.json"
import { frame } from "./frame.ts"
import { about } from "./about.ts"

frame("zh", strings)
void about()
