import strings from "../../pages/strings.en.json"
import { frame } from "./frame.ts"
import { about } from "./about.ts"

frame("en", strings)
void about()
