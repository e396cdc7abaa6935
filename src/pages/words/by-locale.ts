import { germanPageWords } from './de.ts'
import { englishPageWords } from './en.ts'
import type { PageWordsByLocale } from './words.ts'

/** Every language that pages speak. */
export const pageWords: PageWordsByLocale = { en: englishPageWords, de: germanPageWords }
