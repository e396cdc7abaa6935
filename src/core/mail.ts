/** Languages that mails and pages speak. A third one is a file beside the two, and its tag here. */
export const locales = ['en', 'de'] as const
export type Locale = (typeof locales)[number]

/** What a link in a mail is for; also its page's name under `MAIL_LINK_BASE`. */
export type LinkPage = 'verify-email' | 'reset-password' | 'confirm-email' | 'undo-email' | 'restore'

/** Where this service's own pages are. */
export const PAGES_PATH = '/account'

/**
 * When and roughly where something happened, as far as anyone knows. Plain text of foreign origin: escape it.
 */
export interface Occurrence {
  /** Unix milliseconds. */
  readonly atMs: number
  /** `Firefox on Linux`. */
  readonly device?: string | undefined
  /** `Berlin, DE`. */
  readonly place?: string | undefined
}

interface WithLink {
  /** Absolute; the token is in its fragment. */
  readonly link: string
}

/** What signs in beside a password that was replaced: names of providers. */
interface OtherWaysIn {
  /** Unlinked with the old password. */
  readonly droppedProviders: readonly string[]
  readonly keptProviders: readonly string[]
}

/** Every mail that this service writes, and what each one says beyond its fixed words. */
export type Mail =
  | ({ readonly template: 'verify-email' } & WithLink)
  | ({ readonly template: 'reset-password' } & WithLink)
  /** To the new address: asks to confirm it. */
  | ({ readonly template: 'confirm-email' } & WithLink)
  /** To the old address, once the new one has confirmed; the link undoes it for seven days. */
  | ({ readonly template: 'email-changed' } & WithLink & { readonly occurrence: Occurrence })
  /**
   * Somebody tried to register an address that has an account (`REGISTRATION_MODE=private`). The link: a new
   * password.
   */
  | ({ readonly template: 'already-registered' } & WithLink)
  | { readonly template: 'new-device'; readonly occurrence: Occurrence }
  | ({ readonly template: 'password-changed'; readonly occurrence: Occurrence } & OtherWaysIn)
  | ({ readonly template: 'password-reset'; readonly occurrence: Occurrence } & OtherWaysIn)
  /** An account at a provider can now be used to sign in; its counterpart: no longer. */
  | { readonly template: 'identity-linked'; readonly occurrence: Occurrence; readonly provider: string }
  | { readonly template: 'identity-unlinked'; readonly occurrence: Occurrence; readonly provider: string }
  /** The link leads to the page that restores; it holds no token. */
  | ({ readonly template: 'account-deleted' } & WithLink & {
        readonly occurrence: Occurrence
        readonly restoreUntilMs: number
      })
  /** Asked for with the reset form, for an account within its grace period. */
  | ({ readonly template: 'restore' } & WithLink)
  | { readonly template: 'account-restored'; readonly occurrence: Occurrence }
  /** By an operator. Null: without an end; undefined: no key was there to write the end down. */
  | { readonly template: 'account-suspended'; readonly suspendedUntilMs: number | null | undefined }
  /** By itself, or by an operator. */
  | { readonly template: 'suspension-ended' }
  /** A used refresh token was shown again: the session was copied, and has been ended. */
  | { readonly template: 'session-reuse'; readonly occurrence: Occurrence }
  /** So many notices were not sent, because too many came at once. */
  | { readonly template: 'notices-held-back'; readonly heldBack: number }

export type MailTemplate = Mail['template']

/** Links that are asked for by naming an address. */
export type RequestedTemplate = 'reset-password' | 'verify-email'

/**
 * What each mail is, which says to whom it may go and how often. `token`: it hands out a one-time token, and
 * what asks for it is limited; it may go to an address that was never proven. `news` and `loss` are notices:
 * they go to a proven address alone, under an hourly quota of the account. A `loss` says that something was
 * taken or may have been; its quota is its own, so that a flood of news cannot hide it. `digest`: ordered in
 * place of notices over a quota.
 */
export const mailKinds = {
  'verify-email': 'token',
  'reset-password': 'token',
  'confirm-email': 'token',
  'email-changed': 'token',
  'already-registered': 'token',
  restore: 'token',
  'new-device': 'news',
  'account-restored': 'news',
  'suspension-ended': 'news',
  'password-changed': 'loss',
  'password-reset': 'loss',
  'identity-linked': 'loss',
  'identity-unlinked': 'loss',
  'account-deleted': 'loss',
  'account-suspended': 'loss',
  'session-reuse': 'loss',
  'notices-held-back': 'digest',
} as const satisfies Record<MailTemplate, 'token' | 'news' | 'loss' | 'digest'>

type TemplateOf<Kind> = {
  [Template in MailTemplate]: (typeof mailKinds)[Template] extends Kind ? Template : never
}[MailTemplate]

/** Mails that hand out a one-time token. */
export type TokenTemplate = TemplateOf<'token'>

/** Mails that tell what happened to an account. */
export type NoticeTemplate = TemplateOf<'news' | 'loss'>

/** Notices to one account within an hour: of one template, and of all of its kind. */
export const NOTICES_AN_HOUR = { ofTemplate: 3, ofKind: 10 } as const

export const isNotice = (template: MailTemplate): template is NoticeTemplate =>
  mailKinds[template] === 'news' || mailKinds[template] === 'loss'

/** All notices that share the quota of this one. */
export const noticesLike = (template: NoticeTemplate): MailTemplate[] =>
  Object.entries(mailKinds).flatMap(([name, kind]) => (kind === mailKinds[template] ? [name as MailTemplate] : []))

/** One mail, ready to be sent. */
export interface RenderedMail {
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** A mail on its way. One recipient, always. */
export interface OutgoingMail extends RenderedMail {
  readonly to: string
  /** The same for every attempt to send this mail: deduplicates where a transport can. UUID v7. */
  readonly idempotencyKey: string
}

/** This mail will never be taken: another attempt would be answered alike. Its name says by whom and how. */
export class MailRefusedError extends Error {
  constructor(name: string) {
    super('the mail is refused for good')
    this.name = name
  }
}

/**
 * Takes one mail, or throws: MailRefusedError for good, any other for now. Nothing is shown or logged but its
 * name.
 */
export interface MailTransport {
  send(mail: OutgoingMail): Promise<void>
}
