import type { Locale } from '../core/mail.ts'

/** What the service tells a page about itself: JSON in its document. None of it is personal. */
export interface PageFacts {
  readonly product: string
  readonly locale: Locale
  readonly passwordMinLength: number
  /** The names of the providers for sign-in. */
  readonly providers: readonly string[]
  /** Whether this origin may use passkeys. */
  readonly hasPasskeys: boolean
  /** Whether the service signs in with nothing but a mailbox. */
  readonly hasMailSignIn: boolean
}

/** The id of the element that has them. */
export const FACTS_ID = 'facts'
