/**
 * Words people keep (PROTOCOLS 2.2, 2.3, 2.5).
 *
 * - The reporter's twelve words are the BIP-39 entropy of 16 bytes, checksum included; not the PBKDF2 seed.
 * - A handler's passphrase is seven words drawn at random (77 bits), with no checksum.
 * - A roster's fingerprint is the first 88 bits of its SHA-256 as eight words.
 *
 * The list is an argument: each page loads its own language only.
 */
import { entropyToMnemonic, mnemonicToEntropy } from "@scure/bip39"
import { draw, sha256, utf8, type Draw } from "./bytes.ts"
import { Malformed, WrongWords } from "./errors.ts"

export interface WordList {
    readonly language: "en" | "zh"
    /** 2,048 words, NFKD. */
    readonly words: readonly string[]
}

export const WORDS_OF_A_CASE = 12
const WORDS_OF_A_PASSPHRASE = 7
const WORDS_OF_A_FINGERPRINT = 8

/** The twelve words of a case secret. */
export function toWords(secret: Uint8Array, list: WordList): string[] {
    if (secret.length !== 16) throw new Malformed("bad-length")
    return entropyToMnemonic(secret, list.words as string[]).split(" ")
}

/**
 * The case secret of twelve typed words.
 *
 * Throws WrongWords: "word-not-listed" names the first word that is not on the list, "word-count" says
 * there are not twelve, "words-wrong" that one is wrong or out of order.
 */
export function fromWords(input: string, list: WordList): Uint8Array {
    const words = split(input, list)
    refuseUnlisted(words, list)
    if (words.length !== WORDS_OF_A_CASE) throw new WrongWords("word-count")
    try {
        return mnemonicToEntropy(words.join(" "), list.words as string[])
    } catch {
        throw new WrongWords("words-wrong")
    }
}

function split(input: string, list: WordList): string[] {
    const plain = input.normalize("NFKD").toLowerCase()
    if (list.language === "zh") return Array.from(plain.replace(/\s+/g, ""))
    return plain.split(/\s+/).filter((word) => word !== "")
}

function refuseUnlisted(words: readonly string[], list: WordList): void {
    words.forEach((word, i) => {
        if (list.words.indexOf(word) < 0) throw new WrongWords("word-not-listed", word, i + 1)
    })
}

/** Two different positions of the twelve, from 1, in order: the words to type again before sending. */
export function checkPositions(random: Draw = draw): [number, number] {
    const first = random(WORDS_OF_A_CASE)
    const second = (first + 1 + random(WORDS_OF_A_CASE - 1)) % WORDS_OF_A_CASE
    return first < second ? [first + 1, second + 1] : [second + 1, first + 1]
}

/** Whether what was typed is this word; case, width and outer space do not count. */
export function sameWord(typed: string, word: string): boolean {
    return typed.normalize("NFKD").toLowerCase().trim() === word.normalize("NFKD")
}

/** Seven words for a handler's key file. */
export function newPassphrase(list: WordList, random: Draw = draw): string[] {
    return Array.from({ length: WORDS_OF_A_PASSPHRASE }, () => list.words[random(list.words.length)] as string)
}

/**
 * The exact text that a passphrase enters scrypt as: words in NFKD, one space between.
 *
 * Throws WrongWords "word-not-listed" or "word-count".
 */
export function normalPassphrase(input: string, list: WordList): string {
    const words = split(input, list)
    refuseUnlisted(words, list)
    if (words.length !== WORDS_OF_A_PASSPHRASE) throw new WrongWords("word-count")
    return words.join(" ")
}

/** The fingerprint on posters: 88 bits of SHA-256 of the first roster's text, eight words of 11 bits. */
export function fingerprintWords(firstRosterText: string, list: WordList): string[] {
    const hash = sha256(utf8(firstRosterText))
    return Array.from({ length: WORDS_OF_A_FINGERPRINT }, (_, i) => list.words[elevenBits(hash, 11 * i)] as string)
}

function elevenBits(bytes: Uint8Array, from: number): number {
    let value = 0
    for (let bit = from; bit < from + 11; bit++) {
        value = (value << 1) | (((bytes[bit >> 3] as number) >> (7 - (bit & 7))) & 1)
    }
    return value
}
