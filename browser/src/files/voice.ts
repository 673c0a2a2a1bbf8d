/**
 * A voice message, recorded on the spot. The microphone is asked for only when the person presses.
 */
import { FileError } from "./errors.ts"

export const LIMIT_SECONDS = 600
/** Speech stays clear at this rate: 10 minutes are 2.4 MB. */
const BITS_PER_SECOND = 32_000
const FORMATS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus", "audio/webm"]

export interface Recording {
    /** The whole message once it was stopped, by the person or the limit. Rejects with FileError "stopped" or "nothing-recorded". */
    readonly done: Promise<Blob>
    stop(): void
    cancel(): void
}

export interface RecordOptions {
    limitSeconds?: number
    onTick?(seconds: number): void
}

/** Whether this browser can record; asks for nothing. */
export function canRecord(): boolean {
    return typeof MediaRecorder === "function" && typeof navigator.mediaDevices?.getUserMedia === "function"
}

/** Throws FileError "no-recorder" or "no-microphone". */
export async function record(options: RecordOptions = {}): Promise<Recording> {
    if (!canRecord()) throw new FileError("no-recorder")
    const limit = options.limitSeconds ?? LIMIT_SECONDS
    const stream = await microphone()
    const release = () => stream.getTracks().forEach((track) => track.stop())
    const format = FORMATS.find((type) => MediaRecorder.isTypeSupported(type))
    let recorder: MediaRecorder
    try {
        recorder = new MediaRecorder(stream, { ...(format ? { mimeType: format } : {}), audioBitsPerSecond: BITS_PER_SECOND })
    } catch {
        release()
        throw new FileError("no-recorder")
    }
    const parts: Blob[] = []
    let cancelled = false
    let seconds = 0
    const end = () => {
        if (recorder.state !== "inactive") recorder.stop()
    }
    const clock = setInterval(() => {
        options.onTick?.(++seconds)
        if (seconds >= limit) end()
    }, 1000)
    const done = new Promise<Blob>((keep, refuse) => {
        recorder.ondataavailable = (event) => void (event.data.size > 0 && parts.push(event.data))
        recorder.onstop = () => {
            clearInterval(clock)
            release()
            if (cancelled) refuse(new FileError("stopped"))
            else if (parts.length === 0) refuse(new FileError("nothing-recorded"))
            else keep(new Blob(parts, { type: bareType(recorder.mimeType || format || "audio/webm") }))
        }
    })
    recorder.start(1000)
    return {
        done,
        stop: end,
        cancel: () => {
            cancelled = true
            end()
        },
    }
}

/** The file ending of a recording. */
export function endingOf(type: string): string {
    if (type.startsWith("audio/mp4")) return "m4a"
    return type.startsWith("audio/ogg") ? "ogg" : "weba"
}

async function microphone(): Promise<MediaStream> {
    try {
        return await navigator.mediaDevices.getUserMedia({ audio: true })
    } catch {
        throw new FileError("no-microphone")
    }
}

/** Without the codec: some players refuse the long form. */
function bareType(type: string): string {
    return type.split(";")[0] as string
}
