import type { Locale } from '../../../core/mail.ts'
import type { AccountWords } from '../../words/words-of-pages.ts'
import { facts } from './facts.ts'

const languages: Readonly<Record<Locale, () => Promise<(about: typeof facts) => AccountWords>>> = {
  en: async () => (await import('../../words/en/account.ts')).englishAccount,
  de: async () => (await import('../../words/de/account.ts')).germanAccount,
}

/**
 * The words that nobody needs before they are signed in, in the language of this document. This module is
 * there once they are, so only screens that are loaded later may import it.
 */
export const accountWords: AccountWords = (await languages[facts.locale]())(facts)
