import { germanMailWords } from './de.ts'
import { englishMailWords } from './en.ts'
import type { MailWordsByLocale } from './words.ts'

/** The words of mails in every language. */
export const mailWords: MailWordsByLocale = { en: englishMailWords, de: germanMailWords }
