/** Labels of log leaves (PROTOCOLS 5): each is used once, and nobody outside the case can link two. */
import { hmacSha256, i2osp, lp } from "./bytes.ts"

/** What the server may know: it makes labels of events, never of kept promises. */
export function eventKey(logKey: Uint8Array): Uint8Array {
    return hmacSha256(logKey, lp("answerable/v1/log/event-key"))
}

/** The label of event number `seq`, from 0. */
export function eventLabel(key: Uint8Array, seq: number): Uint8Array {
    return hmacSha256(key, i2osp(seq, 4))
}

/** The label under which keeping this promise must stand in the log. */
export function keptLabel(logKey: Uint8Array, promise: string): Uint8Array {
    return hmacSha256(logKey, lp("answerable/v1/log/kept"), lp(promise))
}
