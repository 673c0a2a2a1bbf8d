/** What the browser tests of src/files call, in a page of its own. */
import { b64url } from "../../src/core/bytes.ts"
import { hybridRecipient, newHybridIdentity, sealBlob } from "../../src/core/sealed.ts"
import { clean } from "../../src/files/clean.ts"
import { caseShelf } from "../../src/files/shelf.ts"
import { uploadAll, type Progress } from "../../src/files/upload.ts"

let sealing: Awaited<ReturnType<typeof sealBlob>> | null = null

Object.assign(window, {
    async cleanBytes(bytes: number[], name: string, keepName = false) {
        const done = await clean(new File([new Uint8Array(bytes)], name), { number: 1, keepName })
        const { blob, ...facts } = done
        return { ...facts, bytes: [...new Uint8Array(await blob.arrayBuffer())] }
    },
    /** Seals a file of that many bytes without ever holding it: parts are references to one block. */
    async sealLarge(megabytes: number, caseId: number[]) {
        const block = crypto.getRandomValues(new Uint8Array(65_536))
        const one = new Blob(Array.from({ length: 16 }, () => block))
        const file = new Blob(Array.from({ length: megabytes }, () => one))
        const recipient = await hybridRecipient(newHybridIdentity())
        sealing = await sealBlob("attachment", "tidewick", new Uint8Array(caseId), file, [recipient])
        return { sha256: b64url(sealing.sha256), size: sealing.size, plain: file.size }
    },
    async upload(caseText: string) {
        if (!sealing) throw new Error("seal first")
        const said: Progress[] = []
        const waits: (number | null)[] = []
        await uploadAll([sealing], caseShelf("tidewick", "cases", caseText), {
            onProgress: (progress) => void said.push(progress),
            onWaiting: (seconds) => void waits.push(seconds),
            wait: (milliseconds) => new Promise((done) => setTimeout(done, Math.min(50, milliseconds))),
        })
        return { steps: said.length, last: said[said.length - 1], waits }
    },
})
document.documentElement.dataset["ready"] = ""
