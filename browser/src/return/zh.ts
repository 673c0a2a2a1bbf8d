import common from "../../pages/strings.zh.json"
import own from "../../pages/strings-return.zh.json"
import { frame } from "../start/frame.ts"
import { comeBack } from "./main.ts"

frame("zh", { ...common, ...own })
comeBack()
