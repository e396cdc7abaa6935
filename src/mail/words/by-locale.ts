import { germanMailWords } from './de.ts'
import { englishMailWords } from './en.ts'
import type { MailWordsByLocale } from './words.ts'

/** Every language that mails speak. */
export const mailWords: MailWordsByLocale = { en: englishMailWords, de: germanMailWords }
