import { PAGES_PATH } from '../core/mail.ts'
import type { TaskName } from './browser/tasks.ts'
import type { ActionViewWords, PageName, PageViews } from './words/words.ts'

export type FieldName = 'email' | 'password' | 'new_password'

/** The action in a state of a page: a form that the script sends, or a link. */
export type Action =
  | {
      readonly kind: 'form'
      readonly task: TaskName
      readonly fields: readonly FieldName[]
      /** The page for a forgotten password, on forms that ask for a password. */
      readonly forgotPassword?: string
      /** Whether the user can sign in at a provider instead of filling in the form. */
      readonly offersProviders?: true
    }
  | { readonly kind: 'link'; readonly href: string }

/** The states in which a page opens: one if its address contains a token, another if not. */
interface PageActions<Views> {
  readonly withToken: keyof Views & string
  readonly withoutToken: keyof Views & string
  readonly actions: { readonly [View in keyof Views as Views[View] extends ActionViewWords ? View : never]: Action }
}

const button = (task: TaskName, ...fields: readonly FieldName[]): Action => ({ kind: 'form', task, fields })
const link = (href: string): Action => ({ kind: 'link', href })

/** The path of a page. */
export const pathOf = (page: PageName): string => `${PAGES_PATH}/${page}`

const TOKEN_FIRST = { withToken: 'ask', withoutToken: 'no_token' } as const

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
        offersProviders: true,
      },
    },
  },
  'undo-email': { ...TOKEN_FIRST, actions: { ask: button('undo-email') } },
  'keep-factors': { ...TOKEN_FIRST, actions: { ask: button('keep-factors') } },
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
}
