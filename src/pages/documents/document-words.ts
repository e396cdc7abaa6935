import type { Locale } from '../../core/mail.ts'
import { germanDocument } from '../words/de/document.ts'
import type { DocumentWords } from '../words/document-words.ts'
import { englishDocument } from '../words/en/document.ts'

/** @param product the name of the service */
type DocumentWordsAbout = (product: string) => DocumentWords

export const documentWords: Readonly<Record<Locale, DocumentWordsAbout>> = { en: englishDocument, de: germanDocument }
