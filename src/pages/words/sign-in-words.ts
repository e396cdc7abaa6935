import type { ActionViewWords, SecondStepViews, ViewWords } from './words.ts'

/** The states of the page on which a user signs in and manages the factors of the account. */
export type SignInViews = SecondStepViews & {
  readonly ask: ActionViewWords
  /** A code was mailed, if the address has an account. */
  readonly mail_code: ActionViewWords
  /** The link of a mail that this browser asked for. */
  readonly sign_in_by_link: ActionViewWords
  /** The link of a mail that this browser did not ask for. */
  readonly open_elsewhere: ViewWords
  readonly restore_offer: ActionViewWords
  /** A new authenticator application, with a code that was mailed. */
  readonly enrol_totp: ActionViewWords
  /** The page was opened with an enrolment token of an operator. */
  readonly enrol_by_link: ActionViewWords
  readonly invalid_token: ActionViewWords
  readonly link_totp: ActionViewWords
  /** The factors of a signed-in user. */
  readonly security: ViewWords
  readonly add_totp: ActionViewWords
  /** New recovery codes, shown once. */
  readonly codes: ActionViewWords
  readonly remove_totp: ActionViewWords
  readonly new_codes: ActionViewWords
  readonly two_step_off: ActionViewWords
  readonly rename_passkey: ActionViewWords
  readonly remove_passkey: ActionViewWords
  readonly step_up_password: ActionViewWords
  readonly step_up_code: ActionViewWords
  readonly step_up_passkey: ActionViewWords
  /** For an account that has nothing but its mailbox. */
  readonly step_up_mail: ActionViewWords
  readonly step_up_mail_code: ActionViewWords
  readonly signed_out: ActionViewWords
}

/** The parts of states that show a secret, codes or factors. `{value}` becomes a date, a number or names. */
export interface SecurityWords {
  /** The alternative text of the QR code. */
  readonly qrCode: string
  /** Before the secret as text. */
  readonly secret: string
  /** The link that opens the secret in an application on this device. */
  readonly openApp: string
  readonly copyCodes: string
  readonly downloadCodes: string
  /** The name of the file with recovery codes. */
  readonly codesFile: string
  readonly codesFileHeading: string
  readonly reset: SectionWords & { readonly due: string; readonly cancel: string }
  readonly usedCode: string
  readonly password: SectionWords & {
    readonly set: string
    readonly changed: string
    readonly unset: string
    readonly change: string
    readonly providers: string
  }
  readonly twoStep: SectionWords & {
    readonly on: string
    readonly since: string
    readonly off: string
    readonly due: string
    /** Without a second factor it cannot be turned on. */
    readonly how: string
    readonly turnOn: string
    readonly turnOff: string
  }
  readonly passkeys: SectionWords & {
    readonly about: string
    readonly unset: string
    /** The names of those that have none. */
    readonly passkey: string
    readonly key: string
    readonly provider: string
    readonly added: string
    readonly used: string
    readonly unused: string
    readonly synced: string
    readonly secondFactorOnly: string
    readonly suspended: string
    readonly otherDomain: string
    readonly rename: string
    readonly remove: string
    readonly add: string
    readonly addKey: string
  }
  readonly app: SectionWords & {
    readonly added: string
    readonly unset: string
    readonly add: string
    readonly replace: string
    readonly remove: string
  }
  readonly codes: SectionWords & {
    readonly left: string
    readonly made: string
    readonly unset: string
    readonly make: string
  }
  readonly signOut: string
}

interface SectionWords {
  readonly heading: string
}
