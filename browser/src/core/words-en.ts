/** The English list of BIP-39. Its own module, so that a Chinese page never loads it. */
import { wordlist } from "@scure/bip39/wordlists/english.js"
import type { WordList } from "./words.ts"

export const english: WordList = { language: "en", words: wordlist }
