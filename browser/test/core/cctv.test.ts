/** The C2SP CCTV age kit (c2sp.org/CCTV/age): hybrid files whole, and every STREAM case behind a hybrid header. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import { inflateSync } from "node:zlib"
import { Encrypter } from "age-encryption"
import { concat, hex, sha256, unhex } from "../../src/core/bytes.ts"
import { hybridRecipient, newHybridIdentity, openAge } from "../../src/core/sealed.ts"
import { refusesLater } from "./help.ts"

// By a name the type checker does not follow: the package's own declarations do not pass `skipLibCheck: false`.
const KIT: string = "cctv-age"
const kit = (await import(KIT)) as Record<string, Uint8Array>

interface Vector {
    name: string
    expect: string
    payload: string | undefined
    fileKey: string
    identities: string[]
    file: Uint8Array
    armored: boolean
}

function vector(name: string): Vector {
    const raw = Buffer.from(kit[name] as Uint8Array)
    const end = raw.indexOf("\n\n")
    const fields = raw.subarray(0, end).toString().split("\n").map((line) => line.split(": ") as [string, string])
    const field = (wanted: string): string | undefined => fields.find(([one]) => one === wanted)?.[1]
    const body = raw.subarray(end + 2)
    return {
        name,
        expect: field("expect") as string,
        payload: field("payload"),
        fileKey: field("file key") as string,
        identities: fields.filter(([one]) => one === "identity").map(([, value]) => value),
        file: Uint8Array.from(field("compressed") === "zlib" ? inflateSync(body) : body),
        armored: field("armored") === "yes",
    }
}

async function all(file: Uint8Array, identities: string[]): Promise<Uint8Array> {
    const pieces: Uint8Array[] = []
    for await (const piece of openAge(new Blob([file as BlobPart]), identities)) pieces.push(piece)
    return concat(...pieces)
}

const NAMES = Object.keys(kit)
/** Good age, but with another stanza beside ours: sealed files have none (PROTOCOLS 2.6). */
const MIXED = ["hybrid_and_x25519", "hybrid_grease"]

test("hybrid files of the kit open or are refused as it says; mixed ones are always refused", async () => {
    const hybrid = NAMES.filter((name) => name.startsWith("hybrid")).map(vector)
    assert.ok(hybrid.length >= 18)
    for (const { name, expect, payload, identities, file } of hybrid) {
        if (expect === "success" && !MIXED.includes(name)) assert.equal(hex(sha256(await all(file, identities))), payload, name)
        else await refusesLater(() => all(file, identities))
    }
})

test("every other file of the kit is refused: no hybrid stanza, or armour", async () => {
    for (const { file, identities } of NAMES.filter((name) => !name.startsWith("hybrid")).map(vector)) {
        await refusesLater(() => all(file, identities.length > 0 ? identities : [newHybridIdentity()]))
    }
})

test("the kit's payloads open or are refused behind a hybrid header of the same file key", async () => {
    const identity = newHybridIdentity()
    const recipient = await hybridRecipient(identity)
    const streams = NAMES.filter((name) => name.startsWith("stream")).map(vector)
    assert.ok(streams.length >= 25)
    for (const { name, expect, payload, fileKey, file } of streams) {
        const header = await headerFor(unhex(fileKey), recipient)
        const theirs = Buffer.from(file).indexOf("\n--- ")
        const rest = file.subarray(Buffer.from(file).indexOf("\n", theirs + 1) + 1)
        const made = concat(header, rest)
        if (expect === "success") assert.equal(hex(sha256(await all(made, [identity]))), payload, name)
        else await refusesLater(() => all(made, [identity]))
    }
})

/** typage's own header; the first 16 bytes it draws are the file key. */
async function headerFor(fileKey: Uint8Array, recipient: string): Promise<Uint8Array> {
    const real = crypto.getRandomValues
    let first = true
    crypto.getRandomValues = ((array: Uint8Array) => {
        real.call(crypto, array as Uint8Array<ArrayBuffer>)
        if (first && array.length === 16) {
            array.set(fileKey)
            first = false
        }
        return array
    }) as typeof crypto.getRandomValues
    try {
        const encrypter = new Encrypter()
        encrypter.addRecipient(recipient)
        const empty = await encrypter.encrypt(new Uint8Array(0))
        return empty.subarray(0, empty.length - 32)
    } finally {
        crypto.getRandomValues = real
    }
}
