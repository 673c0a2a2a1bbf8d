import common from "../../pages/strings.en.json"
import own from "../../pages/strings-return.en.json"
import { frame } from "../start/frame.ts"
import { comeBack } from "./main.ts"

frame("en", { ...common, ...own })
comeBack()
