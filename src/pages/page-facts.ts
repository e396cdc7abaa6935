import type { Locale } from '../core/mail.ts'
import type { ScreenName } from './screens.ts'

/** A document that people agree to, in the language of the page. */
export interface PageDocument {
  /** As in the ledger of consents. */
  readonly name: string
  readonly version: string
  readonly title: string
  readonly url: string
  readonly isRequired: boolean
}

/** What the service tells a page about itself: JSON in its document. None of it is personal. */
export interface PageFacts {
  readonly product: string
  /** The service's own origin, if the page was asked for at another one, where nobody can sign in. */
  readonly issuer?: string
  readonly locale: Locale
  readonly passwordMinLength: number
  /** Days from the deletion of an account to its erasure. */
  readonly graceDays: number
  /** The names of the providers for sign-in. */
  readonly providers: readonly string[]
  /** Whether this origin may use passkeys. */
  readonly hasPasskeys: boolean
  /** The screens that this service has. */
  readonly screens: readonly ScreenName[]
  /** Whether the service signs in with nothing but a mailbox. */
  readonly hasMailSignIn: boolean
  /** What people agree to when they create an account. */
  readonly documents: readonly PageDocument[]
}

/** The id of the element that has them. */
export const FACTS_ID = 'facts'
