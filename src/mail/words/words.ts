import type { Locale, Mail, MailTemplate } from '../../core/mail.ts'

/** The fixed words of one mail, in the order in which they are read. */
interface MailWords {
  /**
   * Names the product and nothing else that varies: a subject is seen in notifications and on lock screens.
   */
  readonly subject: string
  readonly heading: string
  /** What happened, or what is asked for. */
  readonly lead: string
  /** What to do next: when all is well, and when it is not. Stands before the link where there is one. */
  readonly advice: readonly [string, string]
}

interface LinkedMailWords extends MailWords {
  /** On the button. */
  readonly action: string
  /** Below the link: how long it works, or what it leads to. */
  readonly note: string
}

type LinkedTemplate = Extract<Mail, { readonly link: string }>['template']

/** Every word of every mail in one language. A text too few or too many does not compile. */
export interface MailLanguage {
  /** How times are written (BCP 47), with the region where regions differ. */
  readonly dateLocale: string
  readonly labels: {
    readonly when: string
    readonly device: string
    /** Found from the network address, so only roughly right. */
    readonly place: string
    /** Of the identity that was linked. */
    readonly provider: string
    /** Of identities that a new password has unlinked, and of those that still sign in. */
    readonly unlinked: string
    readonly stillLinked: string
    readonly unknown: string
    readonly restoreUntil: string
    readonly suspendedUntil: string
    /** How many mails were not sent. */
    readonly heldBack: string
    /** Of a suspension. */
    readonly noEnd: string
  }
  /** Above the link as text, for readers whose program shows no button. */
  readonly linkAsText: string
  readonly footer: string
  readonly mails: { readonly [Template in MailTemplate]: Template extends LinkedTemplate ? LinkedMailWords : MailWords }
}

/** The words of one language, around the product's name. */
export type MailWordsAbout = (product: string) => MailLanguage

/** One entry a language. */
export type MailWordsByLocale = Readonly<Record<Locale, MailWordsAbout>>
