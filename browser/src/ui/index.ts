/** What pages are made of. Everything here is shared by the reporter's pages and the handlers' console. */
export { byId, fill, h, icon, type Child, type Props } from "./dom.ts"
export { count, knows, language, languageName, listed, rich, said, speak, t, type Bilingual, type Language } from "./strings.ts"
export { clock, clockPlace, day, dayAndTime, setTimeZone } from "./dates.ts"
export { carryAnchor, linkTo, place, type Place } from "./place.ts"
export { forgetOnLeaving, installLeave, leaveNow, setLeaveTarget } from "./leave.ts"
export { clearErrors, showErrors, type FieldError } from "./errors.ts"
export { note, showPage, statusLine, stepLine, type Page } from "./page.ts"
