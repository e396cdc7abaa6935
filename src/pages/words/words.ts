import type { LinkPage, Locale } from '../../core/mail.ts'

/** Every page under `/account`, by its name in the path. */
export type PageName = LinkPage | 'forgot-password'

/** What a page says in one of its states. */
export interface ViewWords {
  readonly heading: string
  /** Paragraphs. */
  readonly text: readonly [string, ...string[]]
}

/** A state in which there is something to press. */
export interface ActionViewWords extends ViewWords {
  /** On the button or link. */
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
    /** After a link, which says nothing of the password. */
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
 * What a form says when it was not taken and can be sent again. Those that a problem document has a `code`
 * for bear its name; the script takes `failed` for all others. `{time}` becomes "in 2 minutes".
 */
export interface Messages {
  readonly rate_limited: string
  readonly invalid_credentials: string
  readonly account_suspended: string
  readonly email_unverified: string
  readonly password_reset_required: string
  /** Signing in at a provider came to nothing. */
  readonly provider_failed: string
  /** Somebody signed in at a provider, and no account here has that identity. */
  readonly not_linked: string
  readonly failed: string
  readonly missing: string
  readonly email_refused: string
  readonly password_too_short: string
  /** Comes before the service's own reason, which is English. */
  readonly refused: string
}

/**
 * What the service says of a password that it refuses, as it says it: the page has better words for these,
 * and shows any other reason as it is.
 */
export type PasswordReason =
  | 'must not contain your e-mail address, your name or the name of this service'
  | 'must not be one of the most common passwords'
  | 'must not be known from a data breach'

/** Every word of every page in one language. A text too few or too many does not compile. */
export interface PageLanguage {
  readonly needsScript: string
  readonly email: string
  readonly password: string
  readonly newPassword: string
  readonly newPasswordHint: string
  readonly showPassword: string
  readonly forgotPassword: string
  /** On the button of a provider, which `{provider}` becomes. */
  readonly signInWith: string
  readonly messages: Messages
  readonly passwordReasons: Readonly<Record<PasswordReason, string>>
  readonly pages: PageViews
  readonly signInRefused: SignInRefusedWords
}

/** The page of a social sign-in that ends where no application can be told. */
export interface SignInRefusedWords {
  /** It was not started in this browser, took too long, or is over. */
  readonly invalid_state: ViewWords
  /** Anything else. */
  readonly other: ViewWords
  /** On the link to the application that began it. */
  readonly back: string
}

interface Subject {
  readonly product: string
  readonly passwordMinLength: number
}

/** The words of one language, around the product's name and its rules. */
export type PageWordsAbout = (subject: Subject) => PageLanguage

/** One entry a language. */
export type PageWordsByLocale = Readonly<Record<Locale, PageWordsAbout>>
