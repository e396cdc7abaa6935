import { PAGES_PATH } from '../core/mail.ts'
import type { TaskName } from './browser/tasks.ts'
import type { ActionViewWords, ButtonWords, PageName, PageViews } from './words/words.ts'

/** `totp` is the code of an authenticator application, `code` the first one of a new application. */
export type FieldName = 'email' | 'password' | 'new_password' | 'totp' | 'code' | 'recovery_code' | 'mail_code' | 'name'

/** A button that shows another state without a request. */
export interface OtherView {
  readonly view: string
  readonly label: keyof ButtonWords
  /** The fact without which the button is hidden. */
  readonly fact?: string
}

/** What a service may have for signing in, beside passwords and providers. */
export type SignInOffer = 'passkeys' | 'mail'

/** A second button of a form. It is left out where the service does not have what it needs. */
export interface OtherTask {
  readonly task: TaskName
  readonly label: keyof ButtonWords
  /** The fields that it sends. */
  readonly fields: readonly FieldName[]
  readonly needs: SignInOffer
  /** The fact without which the button is hidden. */
  readonly fact?: string
}

/** The action in a state of a page: a form that the script sends, or a link. */
export type Action =
  | {
      readonly kind: 'form'
      readonly task: TaskName
      readonly fields: readonly FieldName[]
      /** The page for a forgotten password, on forms that ask for a password. */
      readonly forgotPassword?: string
      /** What follows a sign-in at a provider, where a user can do that instead of filling in the form. */
      readonly providerTask?: TaskName
      readonly otherTasks?: readonly OtherTask[]
      readonly others?: readonly OtherView[]
    }
  | { readonly kind: 'link'; readonly href: string }

/** The states in which a page opens: one if its address contains a token, another if not. */
interface PageActions<Views> {
  /** For the link of a mail that signs in: whether this browser asked for the mail. */
  readonly withRequest?: keyof Views & string
  readonly withoutRequest?: keyof Views & string
  readonly withToken: keyof Views & string
  readonly withoutToken: keyof Views & string
  readonly actions: { readonly [View in keyof Views as Views[View] extends ActionViewWords ? View : never]: Action }
}

const button = (task: TaskName, ...fields: readonly FieldName[]): Action => ({ kind: 'form', task, fields })
const link = (href: string): Action => ({ kind: 'link', href })

/** The path of a page. */
export const pathOf = (page: PageName): string => `${PAGES_PATH}/${page}`

/** The address of a state that has one of its own. */
export const addresses: { readonly [Page in PageName]?: Readonly<Record<string, string>> } = {
  'sign-in': { security: `${PAGES_PATH}/security` },
}

const TOKEN_FIRST = { withToken: 'ask', withoutToken: 'no_token' } as const

const CANCEL: readonly OtherView[] = [{ view: 'security', label: 'cancel' }]
const START_AGAIN: readonly OtherView[] = [{ view: 'ask', label: 'startAgain' }]
const CANCEL_STEP_UP: readonly OtherView[] = [...CANCEL, ...START_AGAIN]

const PASSKEY_STEP: OtherView = { view: 'passkey_step', label: 'usePasskeyStep', fact: 'can_use_passkey' }

/** Where a code or a password is asked for, a passkey will do. */
const STEP_UP_BY_PASSKEY: OtherTask = {
  task: 'step-up-with-passkey',
  label: 'usePasskeyStep',
  fields: [],
  needs: 'passkeys',
  fact: 'can_step_up_by_passkey',
}

/** A passkey in place of an authenticator application. A code from a mail is for either. */
const enrolPasskey = (...fields: readonly FieldName[]): readonly OtherTask[] => [
  { task: 'enrol-passkey', label: 'makePasskey', fields, needs: 'passkeys' },
]

/** The second step of a sign-in. @param first the state in which the sign-in begins again */
const secondStep = (first: string) => {
  const again: OtherView = { view: first, label: 'startAgain' }
  return {
    passkey_step: {
      kind: 'form',
      task: 'second-factor-passkey',
      fields: [],
      others: [
        { view: 'second_step', label: 'useApp', fact: 'can_totp' },
        { view: 'recovery_code', label: 'useRecoveryCode', fact: 'can_recover' },
        again,
      ],
    },
    second_step: {
      kind: 'form',
      task: 'second-factor',
      fields: ['totp'],
      others: [PASSKEY_STEP, { view: 'recovery_code', label: 'useRecoveryCode', fact: 'can_recover' }, again],
    },
    recovery_code: {
      kind: 'form',
      task: 'second-factor',
      fields: ['recovery_code'],
      others: [PASSKEY_STEP, { view: 'second_step', label: 'useApp', fact: 'can_totp' }, again],
    },
  } as const satisfies Record<string, Action>
}

const stepUp = (task: TaskName, field: FieldName): Action => ({
  kind: 'form',
  task,
  fields: [field],
  otherTasks: [STEP_UP_BY_PASSKEY],
  others: CANCEL_STEP_UP,
})

/** What each page does. Its texts are in `words/`. */
export const pages: { readonly [Page in PageName]: PageActions<PageViews[Page]> } = {
  'verify-email': {
    ...TOKEN_FIRST,
    actions: {
      ask: button('verify-email'),
      invalid_token: button('resend-verification', 'email'),
      no_token: button('resend-verification', 'email'),
    },
  },
  'confirm-email': {
    ...TOKEN_FIRST,
    actions: {
      ask: {
        kind: 'form',
        task: 'confirm-email',
        fields: ['email', 'password'],
        forgotPassword: pathOf('forgot-password'),
        providerTask: 'confirm-email-with-code',
      },
      ...secondStep('ask'),
      enrol: link(pathOf('sign-in')),
    },
  },
  'undo-email': { ...TOKEN_FIRST, actions: { ask: button('undo-email') } },
  'keep-factors': { ...TOKEN_FIRST, actions: { ask: button('keep-factors') } },
  'undo-passkey': { ...TOKEN_FIRST, actions: { ask: button('undo-passkey') } },
  'reset-password': {
    ...TOKEN_FIRST,
    actions: {
      ask: button('reset-password', 'new_password'),
      invalid_token: link(pathOf('forgot-password')),
      no_token: link(pathOf('forgot-password')),
    },
  },
  restore: {
    withToken: 'ask',
    withoutToken: 'sign_in',
    actions: {
      ask: button('restore'),
      sign_in: {
        kind: 'form',
        task: 'sign-in-and-restore',
        fields: ['email', 'password'],
        forgotPassword: pathOf('forgot-password'),
      },
      invalid_token: link(pathOf('restore')),
      reset_required: link(pathOf('forgot-password')),
    },
  },
  'forgot-password': {
    withToken: 'ask',
    withoutToken: 'ask',
    actions: { ask: button('forgot-password', 'email') },
  },
  'sign-in': {
    withToken: 'enrol_by_link',
    withRequest: 'sign_in_by_link',
    withoutRequest: 'open_elsewhere',
    withoutToken: 'ask',
    actions: {
      ask: {
        kind: 'form',
        task: 'sign-in',
        fields: ['email', 'password'],
        forgotPassword: pathOf('forgot-password'),
        providerTask: 'sign-in-with-code',
        otherTasks: [
          { task: 'sign-in-with-passkey', label: 'usePasskey', fields: [], needs: 'passkeys' },
          { task: 'mail-code', label: 'mailCode', fields: ['email'], needs: 'mail' },
        ],
        others: [{ view: 'mail_code', label: 'enterCode', fact: 'has_request' }],
      },
      ...secondStep('ask'),
      mail_code: { kind: 'form', task: 'sign-in-by-code', fields: ['mail_code'], others: START_AGAIN },
      sign_in_by_link: button('sign-in-by-link'),
      restore_offer: button('accept-restore'),
      enrol: { kind: 'form', task: 'enrol', fields: [], others: START_AGAIN },
      enrol_totp: {
        kind: 'form',
        task: 'add-totp',
        fields: ['mail_code', 'code'],
        otherTasks: enrolPasskey('mail_code'),
        others: [
          { view: 'enrol', label: 'mailAgain' },
          { view: 'ask', label: 'startAgain' },
        ],
      },
      enrol_by_link: button('enrol-by-link'),
      invalid_token: link(pathOf('sign-in')),
      link_totp: { kind: 'form', task: 'add-totp', fields: ['code'], otherTasks: enrolPasskey() },
      add_totp: { kind: 'form', task: 'add-totp', fields: ['code'], others: CANCEL },
      codes: button('codes-saved'),
      remove_totp: { kind: 'form', task: 'remove-totp', fields: [], others: CANCEL },
      new_codes: { kind: 'form', task: 'make-codes', fields: [], others: CANCEL },
      two_step_off: { kind: 'form', task: 'two-step-off', fields: [], others: CANCEL },
      rename_passkey: { kind: 'form', task: 'rename-passkey', fields: ['name'], others: CANCEL },
      remove_passkey: { kind: 'form', task: 'remove-passkey', fields: [], others: CANCEL },
      step_up_password: stepUp('step-up', 'password'),
      step_up_code: stepUp('step-up', 'totp'),
      step_up_mail: { kind: 'form', task: 'step-up-mail', fields: [], others: CANCEL_STEP_UP },
      step_up_mail_code: {
        kind: 'form',
        task: 'step-up-by-mail-code',
        fields: ['mail_code'],
        others: [{ view: 'step_up_mail', label: 'mailAgain' }, ...CANCEL_STEP_UP],
      },
      step_up_passkey: {
        kind: 'form',
        task: 'step-up-with-passkey',
        fields: [],
        others: [{ view: 'step_up_code', label: 'useApp', fact: 'totp_set' }, ...CANCEL_STEP_UP],
      },
      signed_out: link(pathOf('sign-in')),
    },
  },
}
