import { germanPageWords } from './de.ts'
import { englishPageWords } from './en.ts'
import type { PageWordsByLocale } from './words.ts'

/** The words of pages in every language. */
export const pageWords: PageWordsByLocale = { en: englishPageWords, de: germanPageWords }
