import type { LinkPage, Locale } from '../../core/mail.ts'
import type { SecurityWords, SignInViews } from './sign-in-words.ts'

/** Every page under `/account`, by its name in the path. */
export type PageName = LinkPage | 'forgot-password' | 'sign-in'

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
  readonly 'confirm-email': LinkViews & SecondStepViews
  readonly 'undo-email': LinkViews
  readonly 'keep-factors': LinkViews
  readonly 'undo-passkey': LinkViews
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
  readonly 'sign-in': SignInViews
}

/** The states that a sign-in may need after a right password. */
export type SecondStepViews = {
  readonly passkey_step: ActionViewWords
  readonly second_step: ActionViewWords
  readonly recovery_code: ActionViewWords
  /** The account must get a second factor before it can sign in. */
  readonly enrol: ActionViewWords
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
  /** The account needs a second factor and has none that works. */
  readonly second_factor_required: string
  readonly invalid_second_factor: string
  readonly invalid_mail_code: string
  readonly mail_code_wrong: string
  readonly mail_codes_used_up: string
  /** The browser or the device did not do it. */
  readonly passkey_failed: string
  readonly passkey_refused: string
  readonly passkey_removed: string
  /** The device already has a passkey of this account. */
  readonly passkey_known: string
  readonly passkey_limit: string
  /** The last way to sign in cannot be removed. */
  readonly last_credential: string
  /** A sign-in or an enrolment has expired. */
  readonly took_too_long: string
  /** The last second factor cannot be removed while two-step sign-in is on. */
  readonly factor_required: string
  readonly no_factor: string
  /** Two factors became necessary after this session was opened with one. */
  readonly factor_enrolment_required: string
  readonly failed: string
  readonly missing: string
  readonly email_refused: string
  readonly password_too_short: string
  readonly totp_refused: string
  readonly code_refused: string
  readonly mail_code_refused: string
  readonly recovery_code_refused: string
  /** Shown before the service's own reason, which is in English. */
  readonly refused: string
}

/** What was just done, shown at the top of the next state. */
export interface Notices {
  readonly totp_added: string
  readonly totp_removed: string
  readonly passkey_added: string
  readonly passkey_named: string
  readonly passkey_dropped: string
  readonly security_key_added: string
  readonly codes_made: string
  readonly two_step_on: string
  readonly two_step_off: string
  readonly reset_cancelled: string
  readonly copied: string
  readonly not_copied: string
}

/** The labels of buttons that show another state without a request. */
export interface ButtonWords {
  readonly cancel: string
  readonly startAgain: string
  readonly useApp: string
  readonly useRecoveryCode: string
  readonly mailAgain: string
  readonly usePasskey: string
  readonly usePasskeyStep: string
  /** In place of an authenticator application. */
  readonly makePasskey: string
  readonly mailCode: string
  /** After a reload, while a mailed code works. */
  readonly enterCode: string
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
  /** The field of a code from an authenticator application. */
  readonly totp: string
  readonly totpHint: string
  readonly recoveryCode: string
  readonly recoveryCodeHint: string
  readonly mailCode: string
  readonly mailCodeHint: string
  readonly passkeyName: string
  readonly buttons: ButtonWords
  readonly security: SecurityWords
  readonly messages: Messages
  readonly notices: Notices
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
