import type { LinkPage, Locale } from '../../core/mail.ts'

/** Every page under `/account`, by its name in the path. */
export type PageName = LinkPage | 'forgot-password'

/** The texts of one state of a page. */
export interface ViewWords {
  readonly heading: string
  /** Paragraphs. */
  readonly text: readonly [string, ...string[]]
}

/** The texts of a state with an action. */
export interface ActionViewWords extends ViewWords {
  /** The label of the button or link. */
  readonly action: string
}

/** The states of each page. */
export interface PageViews {
  readonly 'verify-email': {
    readonly ask: ActionViewWords
    readonly done: ViewWords
    readonly invalid_token: ActionViewWords
    readonly no_token: ActionViewWords
    readonly sent: ViewWords
  }
  readonly 'confirm-email': LinkViews
  readonly 'undo-email': LinkViews
  readonly 'keep-factors': LinkViews
  readonly 'reset-password': {
    readonly ask: ActionViewWords
    readonly done: ViewWords
    readonly invalid_token: ActionViewWords
    readonly no_token: ActionViewWords
  }
  readonly restore: {
    readonly ask: ActionViewWords
    readonly sign_in: ActionViewWords
    readonly done: ViewWords
    /** After a restore by link, which does not prove that the user knows the password. */
    readonly reset_required: ActionViewWords
    readonly invalid_token: ActionViewWords
    readonly not_deleted: ViewWords
  }
  readonly 'forgot-password': {
    readonly ask: ActionViewWords
    readonly sent: ViewWords
  }
}

type LinkViews = {
  readonly ask: ActionViewWords
  readonly done: ViewWords
  readonly invalid_token: ViewWords
  readonly no_token: ViewWords
}

/**
 * Messages of a form that was rejected and can be sent again. A message for a problem `code` has the name of
 * the code; `failed` is for all other problems. `{time}` becomes, for example, "in 2 minutes".
 */
export interface Messages {
  readonly rate_limited: string
  readonly invalid_credentials: string
  readonly account_suspended: string
  readonly email_unverified: string
  readonly password_reset_required: string
  /** The sign-in at a provider failed. */
  readonly provider_failed: string
  /** The user signed in at a provider, but no account here has that identity. */
  readonly not_linked: string
  readonly failed: string
  readonly missing: string
  readonly email_refused: string
  readonly password_too_short: string
  /** Shown before the service's own reason, which is in English. */
  readonly refused: string
}

/**
 * Reasons for which the service rejects a password, as it words them. The pages have better words for these,
 * and show any other reason unchanged.
 */
export type PasswordReason =
  | 'must not contain your e-mail address, your name or the name of this service'
  | 'must not be one of the most common passwords'
  | 'must not be known from a data breach'

/** All texts of all pages in one language. A missing or superfluous text does not compile. */
export interface PageLanguage {
  readonly needsScript: string
  readonly email: string
  readonly password: string
  readonly newPassword: string
  readonly newPasswordHint: string
  readonly showPassword: string
  readonly forgotPassword: string
  /** The button of a provider. `{provider}` becomes its name. */
  readonly signInWith: string
  readonly messages: Messages
  readonly passwordReasons: Readonly<Record<PasswordReason, string>>
  readonly pages: PageViews
  readonly signInRefused: SignInRefusedWords
}

/** The error page of a social sign-in that cannot be redirected back to the application. */
export interface SignInRefusedWords {
  /** The sign-in was not started in this browser, took too long, or is already complete. */
  readonly invalid_state: ViewWords
  /** Every other error. */
  readonly other: ViewWords
  /** The link back to the application that started the sign-in. */
  readonly back: string
}

interface Subject {
  readonly product: string
  readonly passwordMinLength: number
}

/** Returns the words of one language, with the product's name and the minimum password length filled in. */
export type PageWordsAbout = (subject: Subject) => PageLanguage

/** One entry for each language. */
export type PageWordsByLocale = Readonly<Record<Locale, PageWordsAbout>>
