import type { Locale } from '../../core/mail.ts'
import type { DocumentWords } from '../document-words.ts'
import { germanDocument } from '../words/de/document.ts'
import { englishDocument } from '../words/en/document.ts'

/** @param product the name of the service */
type DocumentWordsAbout = (product: string) => DocumentWords

export const documentWords: Readonly<Record<Locale, DocumentWordsAbout>> = { en: englishDocument, de: germanDocument }
