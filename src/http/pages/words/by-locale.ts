import { de } from './de.ts'
import { en } from './en.ts'
import type { WordsByLocale } from './words.ts'

/** Every language that pages speak. */
export const wordsByLocale: WordsByLocale = { en, de }
