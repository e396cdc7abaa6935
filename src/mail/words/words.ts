import type { FactorKind } from '../../core/factor-kinds.ts'
import type { Locale, Mail, MailTemplate } from '../../core/mail.ts'

/** The fixed texts of one mail, in reading order. */
interface MailWords {
  /**
   * Contains no personal data, only the product's name: subjects are shown in notifications and on lock
   * screens.
   */
  readonly subject: string
  readonly heading: string
  /** What happened, or what was requested. */
  readonly lead: string
  /** What to do next: if the user did this, and if not. Shown before the link, if there is one. */
  readonly advice: readonly [string, string]
}

interface LinkedMailWords extends MailWords {
  /** The label of the button. */
  readonly action: string
  /** Shown below the link: how long it works, or what it opens. */
  readonly note: string
}

type LinkedTemplate = Extract<Mail, { readonly link: string }>['template']

/** All texts of all mails in one language. A missing or superfluous text does not compile. */
export interface MailLanguage {
  /** The locale for dates and times (BCP 47), with a region where formats differ by region. */
  readonly dateLocale: string
  readonly labels: {
    readonly when: string
    readonly device: string
    /** Derived from the IP address, so only approximate. */
    readonly place: string
    /** The provider of the identity that was linked or unlinked. */
    readonly provider: string
    /** Providers that a password reset has unlinked, and providers that still work. */
    readonly unlinked: string
    readonly stillLinked: string
    readonly unknown: string
    readonly restoreUntil: string
    readonly suspendedUntil: string
    /** The number of mails that were not sent. */
    readonly heldBack: string
    /** For a suspension without an end date. */
    readonly noEnd: string
    /** A code of eight digits that the reader types into a page. */
    readonly code: string
    /** How many recovery codes can still be used. */
    readonly codesLeft: string
    /** The time from which the account needs two factors. */
    readonly neededFrom: string
    /** The kinds of second factors that were removed. */
    readonly removed: string
    /** The kinds of second factors that will be removed. */
    readonly toBeRemoved: string
    /** The time from which they can be removed. */
    readonly resetAt: string
  }
  /** The name of each kind of second factor. */
  readonly factors: Readonly<Record<FactorKind, string>>
  /** Shown above the link as text, for mail programs that show no button. */
  readonly linkAsText: string
  readonly footer: string
  readonly mails: { readonly [Template in MailTemplate]: Template extends LinkedTemplate ? LinkedMailWords : MailWords }
}

/** Returns the words of one language, with the product's name filled in. */
export type MailWordsAbout = (product: string) => MailLanguage

/** One entry for each language. */
export type MailWordsByLocale = Readonly<Record<Locale, MailWordsAbout>>
