import { PAGES_PATH } from '../core/mail.ts'

/** Screens that mails lead to, and those that they need. */
const linkScreens = [
  'sign-in',
  'forgot-password',
  'verify-email',
  'confirm-email',
  'undo-email',
  'reset-password',
  'restore',
  'keep-factors',
  'undo-passkey',
] as const

/** Screens of a signed-in person, in the order of the menu. */
export const ownScreens = [
  'home',
  'profile',
  'security',
  'sessions',
  'identities',
  'activity',
  'consents',
  'export',
  'delete',
] as const

export const screenNames = [...linkScreens, 'sign-up', ...ownScreens] as const

/** The name of a screen is the last part of its address. `home` is `/account` itself. */
export type ScreenName = (typeof screenNames)[number]

/**
 * The screens that a service has, by its setting `ACCOUNT_PAGES`. With `links`, one of them manages factors.
 */
export const screensWith: Readonly<Record<'on' | 'links' | 'off', readonly ScreenName[]>> = {
  on: screenNames,
  links: [...linkScreens, 'security'],
  off: [],
}

/** The address of a screen, which is also the path of its document. */
export const addressOf = (screen: ScreenName): string => (screen === 'home' ? PAGES_PATH : `${PAGES_PATH}/${screen}`)

/**
 * Whether a text is the address of one of these screens, with or without a query and a fragment, and nothing
 * else.
 */
export const isAddressOf = (screens: readonly ScreenName[], text: string | undefined): text is string =>
  text !== undefined && screens.some((name) => new RegExp(`^${addressOf(name)}(?:[?#]|$)`).test(text))

/** Whether a path is the address of a screen for signed-in people. */
export const isOwn = (path: string): boolean => ownScreens.some((name) => addressOf(name) === path)
