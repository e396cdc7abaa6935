/** Languages that mails and pages speak. A third one is a file beside the two, and its tag here. */
export const locales = ['en', 'de'] as const
export type Locale = (typeof locales)[number]

/** What a link in a mail is for; also its page's name under `MAIL_LINK_BASE`. */
export type LinkPage = 'verify-email' | 'reset-password' | 'confirm-email' | 'undo-email' | 'restore'

/** When and roughly where something happened, as far as anyone knows. Plain text of foreign origin: escape it. */
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

/** Every mail that this service writes, and what each one says beyond its fixed words. */
export type Mail =
  | ({ readonly template: 'verify-email' } & WithLink)
  | ({ readonly template: 'reset-password' } & WithLink)
  /** To the new address: asks to confirm it. */
  | ({ readonly template: 'confirm-email' } & WithLink)
  /** To the old address, once the new one has confirmed; the link undoes it for seven days. */
  | ({ readonly template: 'email-changed' } & WithLink & { readonly occurrence: Occurrence })
  /** Somebody tried to register an address that has an account (`REGISTRATION_MODE=private`). The link: a new password. */
  | ({ readonly template: 'already-registered' } & WithLink)
  | { readonly template: 'new-device'; readonly occurrence: Occurrence }
  | { readonly template: 'password-changed'; readonly occurrence: Occurrence }
  | { readonly template: 'password-reset'; readonly occurrence: Occurrence }
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

export type MailTemplate = Mail['template']

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

/** Takes one mail, or throws: MailRefusedError for good, any other for now. Nothing is shown or logged but its name. */
export interface MailTransport {
  send(mail: OutgoingMail): Promise<void>
}
