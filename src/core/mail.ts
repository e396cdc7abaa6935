import type { FactorKind } from './factor-kinds.ts'

/**
 * Languages of mails and pages. CONTRIBUTING.md, "Add a language", names the files that a new one needs.
 */
export const locales = ['en', 'de'] as const
export type Locale = (typeof locales)[number]

/** The purposes of links in mails, which are the names of their pages under `MAIL_LINK_BASE`. */
const linkPages = [
  'verify-email',
  'reset-password',
  'confirm-email',
  'undo-email',
  'restore',
  'keep-factors',
  'undo-passkey',
  'sign-in',
] as const
export type LinkPage = (typeof linkPages)[number]

export const isLinkPage = (name: string): name is LinkPage => linkPages.some((page) => page === name)

/** The path of this service's own pages. */
export const PAGES_PATH = '/account'

/**
 * When and roughly where an event happened, as far as known. Device and place are untrusted plain text:
 * escape them.
 */
export interface Occurrence {
  /** Unix milliseconds. */
  readonly atMs: number
  /** Such as `Firefox on Linux`. */
  readonly device?: string | undefined
  /** Such as `Berlin, DE`. */
  readonly place?: string | undefined
}

interface WithLink {
  /** An absolute URL with the one-time token in its fragment. */
  readonly link: string
}

/** Names of the providers that were linked to the account when its password was replaced. */
interface OtherWaysIn {
  /** The providers whose identities were unlinked together with the old password. */
  readonly droppedProviders: readonly string[]
  readonly keptProviders: readonly string[]
}

/** Every mail of this service, with the values that its template needs. */
export type Mail =
  | ({ readonly template: 'verify-email' } & WithLink)
  | ({ readonly template: 'reset-password' } & WithLink)
  /** Signs in, with the code or the link, in the browser that asked for it. */
  | ({ readonly template: 'sign-in'; readonly code: string } & WithLink)
  /** The same to an address without an account. Nothing is stored of it. */
  | ({ readonly template: 'sign-up'; readonly code: string } & WithLink)
  /** Sent to the new address of a change, to confirm it. */
  | ({ readonly template: 'confirm-email' } & WithLink)
  /**
   * Sent to the old address once the new one is confirmed. Until `UNDO_EMAIL_DAYS` have passed, the link
   * undoes the change.
   */
  | ({ readonly template: 'email-changed' } & WithLink & { readonly occurrence: Occurrence })
  /**
   * A client tried to register an address that has an account (`REGISTRATION_MODE=private`). The link resets
   * the password.
   */
  | ({ readonly template: 'already-registered' } & WithLink)
  | { readonly template: 'new-device'; readonly occurrence: Occurrence }
  | ({ readonly template: 'password-changed'; readonly occurrence: Occurrence } & OtherWaysIn)
  | ({ readonly template: 'password-reset'; readonly occurrence: Occurrence } & OtherWaysIn)
  | { readonly template: 'password-removed'; readonly occurrence: Occurrence }
  /** An identity at a provider was linked, or was unlinked, so that it can or can no longer sign in. */
  | { readonly template: 'identity-linked'; readonly occurrence: Occurrence; readonly provider: string }
  | { readonly template: 'identity-unlinked'; readonly occurrence: Occurrence; readonly provider: string }
  /** The link opens the page that restores the account. It holds no token. */
  | ({ readonly template: 'account-deleted' } & WithLink & {
        readonly occurrence: Occurrence
        readonly restoreUntilMs: number
      })
  /** Sent when a password reset is requested for a deleted account within its grace period. */
  | ({ readonly template: 'restore' } & WithLink)
  | { readonly template: 'account-restored'; readonly occurrence: Occurrence }
  /**
   * Sent when an operator suspends the account. Null: the suspension has no end. Undefined: the end is
   * unknown because no data key was available to store it.
   */
  | { readonly template: 'account-suspended'; readonly suspendedUntilMs: number | null | undefined }
  /** Sent when the suspension expires or an operator ends it. */
  | { readonly template: 'suspension-ended' }
  /** A refresh token was used twice, so its session may have been copied, and was ended. */
  | { readonly template: 'session-reuse'; readonly occurrence: Occurrence }
  /** The account needs two factors from now on: its owner asked for it, or enrolled because a rule did. */
  | { readonly template: 'two-step-enabled'; readonly occurrence: Occurrence }
  | { readonly template: 'two-step-disabled'; readonly occurrence: Occurrence }
  /** An authenticator app was added, replaced by another one, or removed. */
  | { readonly template: 'totp-added'; readonly occurrence: Occurrence }
  | { readonly template: 'totp-replaced'; readonly occurrence: Occurrence }
  | { readonly template: 'totp-removed'; readonly occurrence: Occurrence }
  /** A passkey or security key was added. The link removes it. */
  | ({ readonly template: 'passkey-added'; readonly occurrence: Occurrence } & WithLink)
  | { readonly template: 'passkey-removed'; readonly occurrence: Occurrence }
  /** Its signature counter went back, so another device may have a copy. */
  | { readonly template: 'passkey-suspended'; readonly occurrence: Occurrence }
  /** A new set of recovery codes was made, so codes of an earlier set no longer work. */
  | { readonly template: 'recovery-codes-made'; readonly occurrence: Occurrence }
  /** A recovery code was used. Undefined: how many are left was not stored. */
  | {
      readonly template: 'recovery-code-used'
      readonly occurrence: Occurrence
      readonly codesLeft: number | undefined
    }
  /** Wrong codes after a right first factor: another person may know the password. */
  | { readonly template: 'second-factor-failed'; readonly occurrence: Occurrence }
  /**
   * A rule or an operator requires two factors of the account from this time on. Undefined: it was taken back
   * before the mail was sent.
   */
  | { readonly template: 'two-step-due'; readonly dueAtMs: number | undefined }
  /** The code that proves the mailbox while a second factor is added without a session. */
  | { readonly template: 'enrolment-code'; readonly code: string }
  /**
   * An operator has requested that the second factors of these kinds are removed. The link cancels it until
   * then. Undefined or empty: the values were not stored.
   */
  | ({ readonly template: 'factor-reset-requested' } & WithLink & {
        readonly factorKinds: readonly FactorKind[]
        readonly resetAtMs: number | undefined
      })
  /** The second factors of these kinds were removed, by an operator or by the command of the service. */
  | { readonly template: 'factors-reset'; readonly factorKinds: readonly FactorKind[] }
  /** Sent in place of notices over the quota: `heldBack` is how many were not sent. */
  | { readonly template: 'notices-held-back'; readonly heldBack: number }

export type MailTemplate = Mail['template']

/** Mails that anyone can request by submitting an address. */
export type RequestedTemplate = 'reset-password' | 'verify-email' | 'sign-in' | 'sign-up'

/**
 * The kind of each mail, which decides to which addresses it may be sent, and how often.
 * - `token`: holds a one-time token. The request for it is rate-limited. It may be sent to an unproven
 * address.
 * - `news` and `loss` are notices. They are sent only to a proven address, under an hourly quota of the
 * account. A `loss` reports that access was, or may have been, taken away. It has a quota of its own, so that
 * a flood of news cannot suppress it.
 * - `code`: a notice whose code is computed when it is sent. It has a quota of its own, so that no other
 * notice can suppress it.
 * - `stoppable`: a notice with a one-time token that stops what it reports. It has a quota of its own as
 * well. Whatever it reports is refused while the notice would be held back: see `fitsQuota`.
 * - `digest`: sent in place of the notices over a quota.
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
  'password-removed': 'loss',
  'password-reset': 'loss',
  'identity-linked': 'loss',
  'identity-unlinked': 'loss',
  'account-deleted': 'loss',
  'account-suspended': 'loss',
  'session-reuse': 'loss',
  'two-step-enabled': 'loss',
  'two-step-disabled': 'loss',
  'totp-added': 'loss',
  'totp-replaced': 'loss',
  'totp-removed': 'loss',
  'passkey-added': 'stoppable',
  'passkey-removed': 'loss',
  'passkey-suspended': 'loss',
  'recovery-codes-made': 'loss',
  'recovery-code-used': 'loss',
  'second-factor-failed': 'loss',
  'two-step-due': 'news',
  'enrolment-code': 'code',
  'factor-reset-requested': 'stoppable',
  'factors-reset': 'loss',
  'notices-held-back': 'digest',
  'sign-in': 'request',
  'sign-up': 'request',
} as const satisfies Record<MailTemplate, 'request' | 'token' | 'news' | 'loss' | 'code' | 'stoppable' | 'digest'>

type TemplateOf<Kind> = {
  [Template in MailTemplate]: (typeof mailKinds)[Template] extends Kind ? Template : never
}[MailTemplate]

/** Mails that hold a one-time token. */
export type TokenTemplate = TemplateOf<'token'>

/** Mails whose code and link follow from the id of the request. */
export type CodeTemplate = TemplateOf<'request'>

/** Mails that report an event of an account. */
export type NoticeTemplate = TemplateOf<'news' | 'loss' | 'code' | 'stoppable'>

/** Notices that hold a one-time token. */
export type StoppableTemplate = TemplateOf<'stoppable'>

/**
 * Quota of notices to one account within an hour: of one template, and of all templates of one kind. A
 * `stoppable` notice has the quota of its kind alone.
 */
export const NOTICES_AN_HOUR = { ofTemplate: 3, ofKind: 10 } as const

export const isNotice = (template: MailTemplate): template is NoticeTemplate =>
  !['token', 'request', 'digest'].includes(mailKinds[template])

/** All notices of the same kind, which share one quota. */
export const noticesLike = (template: NoticeTemplate): MailTemplate[] =>
  Object.entries(mailKinds).flatMap(([name, kind]) => (kind === mailKinds[template] ? [name as MailTemplate] : []))

/** One mail, ready to be sent. */
export interface RenderedMail {
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** A mail to be sent. It always has exactly one recipient. */
export interface OutgoingMail extends RenderedMail {
  readonly to: string
  /** UUID v7, the same for every attempt to send this mail. A transport that can deduplicate uses it. */
  readonly idempotencyKey: string
}

/**
 * The transport rejected this mail permanently: another attempt would have the same result. `name` holds
 * which server rejected it and why.
 */
export class MailRefusedError extends Error {
  constructor(name: string) {
    super('the mail is refused for good')
    this.name = name
  }
}

/**
 * Sends one mail.
 * @throws MailRefusedError for a permanent failure, any other error for a temporary one. Only the error's
 * name is shown or logged.
 */
export interface MailTransport {
  send(mail: OutgoingMail): Promise<void>
}
