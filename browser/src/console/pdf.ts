/**
 * Draws a PDF's pages, without eval, WebAssembly, scripts or links of the document.
 *
 * This one file is both sides: the page imports it to draw, and starts it again as the worker that reads the document,
 * so that the hostile part runs where no key is.
 */
const inWorker = typeof document === "undefined"
const MOST_PAGES = 200
const READY = "answerable-pdf-ready"

if (inWorker) {
    // @ts-expect-error: the library has no types for its worker
    await import("pdfjs-dist/legacy/build/pdf.worker.mjs")
    ;(globalThis as unknown as { postMessage(message: string): void }).postMessage(READY)
}

interface ScriptAddresses {
    createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string }
}

/** The worker's address passes the page's trusted-types rule only if it is this very file. */
function workerAddress(): string {
    const own = import.meta.url
    const types = (globalThis as unknown as { trustedTypes?: ScriptAddresses }).trustedTypes
    if (types === undefined) return own
    policy ??= types.createPolicy("answerable-pdf", {
        createScriptURL(url) {
            if (url !== own) throw new TypeError("not the PDF worker")
            return url
        },
    })
    return policy.createScriptURL(own)
}
let policy: ReturnType<ScriptAddresses["createPolicy"]> | undefined

/** The document, read by a worker of its own; `close` ends both. Rejects where there is no worker. */
async function opened(data: Uint8Array) {
    const pdfjs = await import("pdfjs-dist/legacy/build/pdf.mjs")
    const port = new Worker(workerAddress(), { type: "module" })
    await ready(port)
    const worker = new pdfjs.PDFWorker({ port } as never)
    const task = pdfjs.getDocument({
        data,
        worker,
        isEvalSupported: false,
        useWasm: false,
        useWorkerFetch: false,
        enableXfa: false,
        disableFontFace: true,
        useSystemFonts: false,
        stopAtErrors: false,
        isOffscreenCanvasSupported: false,
    } as never)
    const close = (): void => {
        void task.destroy()
        port.terminate()
    }
    return { pdfjs, task, close }
}

/** What stands written in it, line by line; "" where nothing can be read. */
export async function pdfText(data: Uint8Array): Promise<string> {
    const { task, close } = await opened(data)
    try {
        const document_ = await task.promise
        const pages: string[] = []
        for (let n = 1; n <= Math.min(document_.numPages, MOST_PAGES); n++) {
            const { items } = await (await document_.getPage(n)).getTextContent()
            pages.push(items.map((item) => ("str" in item ? item.str + (item.hasEOL ? "\n" : "") : "")).join(""))
        }
        return pages.join("\n").replace(/[ \t]+\n/g, "\n").replace(/\n{3,}/g, "\n\n").trim()
    } catch {
        return ""
    } finally {
        close()
    }
}

/** Draws each page into `box`; answers with what takes it all away again. Rejects where it is no readable PDF. */
export async function drawPdf(data: Uint8Array, box: HTMLElement, label: (n: number, of: number) => string): Promise<() => void> {
    const { pdfjs, task, close } = await opened(data)
    try {
        const document_ = await task.promise
        const count = Math.min(document_.numPages, MOST_PAGES)
        const width = Math.min(900, Math.max(280, box.clientWidth || 600)) * Math.min(2, devicePixelRatio || 1)
        for (let n = 1; n <= count; n++) {
            const page = await document_.getPage(n)
            const natural = page.getViewport({ scale: 1 })
            const viewport = page.getViewport({ scale: width / natural.width })
            const canvas = document.createElement("canvas")
            canvas.width = Math.ceil(viewport.width)
            canvas.height = Math.ceil(viewport.height)
            canvas.setAttribute("role", "img")
            canvas.setAttribute("aria-label", label(n, document_.numPages))
            await page.render({ canvas, viewport, annotationMode: pdfjs.AnnotationMode.DISABLE } as never).promise
            box.append(canvas)
            page.cleanup()
        }
    } catch (error) {
        close()
        throw error
    }
    return close
}

function ready(port: Worker): Promise<void> {
    return new Promise((done, fail) => {
        const listen = (event: MessageEvent): void => {
            if (event.data !== READY) return
            port.removeEventListener("message", listen)
            done()
        }
        port.addEventListener("message", listen)
        port.addEventListener("error", () => fail(new Error("no worker")))
    })
}
