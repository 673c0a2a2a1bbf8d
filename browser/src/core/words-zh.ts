/** The Simplified Chinese list of BIP-39. Its own module, so that an English page never loads it. */
import { wordlist } from "@scure/bip39/wordlists/simplified-chinese.js"
import type { WordList } from "./words.ts"

export const chinese: WordList = { language: "zh", words: wordlist }
