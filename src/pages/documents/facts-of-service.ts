import type { ConsentDocument } from '../../core/consent-documents.ts'
import type { Locale } from '../../core/mail.ts'
import { findRelyingParty } from '../../core/relying-party.ts'
import type { Settings } from '../../core/settings.ts'
import type { PageFacts } from '../page-facts.ts'
import { screensWith } from '../screens.ts'

interface About {
  readonly settings: Settings
  readonly locale: Locale
  /** The origin at which the page was asked for. */
  readonly origin: string
  readonly providers: readonly string[]
}

/** The pages have passkeys where their own origin may use them. */
export const pageFactsOf = ({ settings, locale, origin, providers }: About): PageFacts => ({
  product: settings.PRODUCT_NAME,
  ...(![settings.ISSUER, ...settings.COOKIE_ORIGINS].includes(origin) && { issuer: settings.ISSUER }),
  locale,
  passwordMinLength: settings.PASSWORD_MIN_LENGTH,
  graceDays: settings.ERASURE_GRACE_DAYS,
  providers,
  screens: screensWith[settings.ACCOUNT_PAGES],
  hasPasskeys: findRelyingParty(settings)?.origins.includes(settings.ISSUER) === true,
  hasMailSignIn: settings.EMAIL_SIGN_IN === 'on',
  documents: settings.CONSENT_DOCUMENTS.map(({ title, url, ...document }) => ({
    ...document,
    title: textIn(title, locale),
    url: textIn(url, locale),
  })),
})

const textIn = (texts: ConsentDocument['title'], locale: Locale): string =>
  typeof texts === 'string' ? texts : (texts[locale] ?? texts.en ?? '')
