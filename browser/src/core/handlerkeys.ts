/**
 * Handlers' keys and the wrapped files that keep them (PROTOCOLS 2.2).
 *
 * - keys = an age hybrid identity and an Ed25519 seed; open, they live in memory only
 * - wrapped file = age over canonical JSON {age_identity, sign_seed}, one file per way to unlock
 * - passphrase: scrypt, work factor 17; at most 18 is accepted, and its stanza must stand alone, both
 *   checked before any work is done
 * - passkey: typage's PRF recipient
 */
import { Decrypter, Encrypter, webauthn } from "age-encryption"
import { canSeal, recipientOf } from "./age.ts"
import { b64url, canonicalBytes, parseJson, text, unb64url } from "./bytes.ts"
import { CannotOpen, CoreError, Malformed, NotSupported, Refused } from "./errors.ts"
import { checkIdentity } from "./recipient.ts"
import { newHybridIdentity } from "./sealed.ts"
import { newSeed, publicKey } from "./sign.ts"

const WORK_FACTOR = 17
const HIGHEST_WORK_FACTOR = 18

export interface HandlerKeys {
    readonly ageIdentity: string
    readonly signSeed: Uint8Array
}

export interface PublicHalves {
    /** age1pq1… */
    readonly recipient: string
    /** Ed25519 public key, base64url. */
    readonly sign: string
}

export function newHandlerKeys(): HandlerKeys {
    return { ageIdentity: newHybridIdentity(), signSeed: newSeed() }
}

export async function publicHalves(keys: HandlerKeys): Promise<PublicHalves> {
    return { recipient: await recipientOf(keys.ageIdentity), sign: b64url(publicKey(keys.signSeed)) }
}

/** Takes about a second: scrypt. `passphrase` as `normalPassphrase` gives it. */
export async function wrapWithPassphrase(keys: HandlerKeys, passphrase: string): Promise<Uint8Array> {
    if (passphrase === "") throw new Refused("no-passphrase")
    const encrypter = newEncrypter()
    encrypter.setScryptWorkFactor(WORK_FACTOR)
    encrypter.setPassphrase(passphrase)
    return encrypter.encrypt(keysJson(keys))
}

/** Throws Refused "too-much-work" or "not-a-key-file", CannotOpen "wrong-passphrase". */
export async function unwrapWithPassphrase(file: Uint8Array, passphrase: string): Promise<HandlerKeys> {
    checkScryptFile(file)
    const decrypter = newDecrypter()
    decrypter.addPassphrase(passphrase)
    return unwrap(decrypter, file, "wrong-passphrase")
}

function checkScryptFile(file: Uint8Array): void {
    const stanzas = stanzaLines(file)
    const stanza = stanzas[0]
    if (stanzas.length !== 1 || stanza === undefined) throw new Refused("not-a-key-file")
    const found = /^-> scrypt ([A-Za-z0-9+/]{22}) ([1-9][0-9]{0,2})$/.exec(stanza)
    if (found === null) throw new Refused("not-a-key-file")
    if (Number(found[2]) > HIGHEST_WORK_FACTOR) throw new Refused("too-much-work")
}

function stanzaLines(file: Uint8Array): string[] {
    const lines: string[] = []
    let line = ""
    for (const byte of file.subarray(0, 65_536)) {
        if (byte !== 10) {
            line += String.fromCharCode(byte)
            continue
        }
        if (line.indexOf("--- ") === 0) return lines
        if (line.indexOf("-> ") === 0) lines.push(line)
        line = ""
    }
    throw new Refused("not-a-key-file")
}

/**
 * Makes a passkey with PRF; the answer is its credential text, kept beside the wrapped file.
 *
 * Throws NotSupported "no-passkey".
 */
export async function createPasskey(keyName: string, rpId?: string): Promise<string> {
    return passkey(() => webauthn.createCredential(rpId === undefined ? { keyName } : { keyName, rpId }))
}

export async function wrapWithPasskey(keys: HandlerKeys, credential: string): Promise<Uint8Array> {
    const encrypter = newEncrypter()
    encrypter.addRecipient(new webauthn.WebAuthnRecipient({ identity: credential }))
    return passkey(() => encrypter.encrypt(keysJson(keys)))
}

/** Without `credential` the browser offers every passkey of this site. */
export async function unwrapWithPasskey(file: Uint8Array, credential: string | null): Promise<HandlerKeys> {
    const stanzas = stanzaLines(file)
    if (stanzas.length !== 1 || !/^-> age-encryption\.org\/fido2prf /.test(stanzas[0] as string)) {
        throw new Refused("not-a-key-file")
    }
    const decrypter = newDecrypter()
    decrypter.addIdentity(new webauthn.WebAuthnIdentity(credential === null ? {} : { identity: credential }))
    return unwrap(decrypter, file, "wrong-passkey")
}

async function passkey<T>(ask: () => Promise<T>): Promise<T> {
    try {
        return await ask()
    } catch {
        // Refused by the person, by the device, or no PRF: to us the same, nothing was made.
        throw new NotSupported("no-passkey")
    }
}

function newEncrypter(): Encrypter {
    if (!canSeal()) throw new NotSupported("no-streams")
    return new Encrypter()
}

function newDecrypter(): Decrypter {
    if (!canSeal()) throw new NotSupported("no-streams")
    return new Decrypter()
}

async function unwrap(decrypter: Decrypter, file: Uint8Array, fault: string): Promise<HandlerKeys> {
    let plain: Uint8Array
    try {
        plain = await decrypter.decrypt(file)
    } catch {
        throw new CannotOpen(fault)
    }
    return readKeys(plain)
}

function keysJson(keys: HandlerKeys): Uint8Array {
    checkIdentity(keys.ageIdentity)
    return canonicalBytes({ age_identity: keys.ageIdentity, sign_seed: b64url(keys.signSeed) })
}

function readKeys(plain: Uint8Array): HandlerKeys {
    try {
        const { age_identity, sign_seed } = parseJson(text(plain)) as Record<string, string>
        checkIdentity(age_identity as string)
        return { ageIdentity: age_identity as string, signSeed: unb64url(sign_seed as string, 32) }
    } catch (error) {
        if (error instanceof CoreError) throw error
        throw new Malformed("bad-key-file")
    }
}
