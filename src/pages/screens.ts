import { PAGES_PATH } from '../core/mail.ts'

/** Screens for everybody. */
const publicScreens = [
  'sign-in',
  'sign-up',
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

export const screenNames = [...publicScreens, ...ownScreens] as const

/** The name of a screen is the last part of its address. `home` is `/account` itself. */
export type ScreenName = (typeof screenNames)[number]

/** The address of a screen, which is also the path of its document. */
export const addressOf = (screen: ScreenName): string => (screen === 'home' ? PAGES_PATH : `${PAGES_PATH}/${screen}`)

/** Whether a text is the address of a screen, with or without a query and a fragment, and nothing else. */
export const isAddress = (text: string | undefined): text is string =>
  text !== undefined && screenNames.some((name) => new RegExp(`^${addressOf(name)}(?:[?#]|$)`).test(text))

/** Whether a path is the address of a screen for signed-in people. */
export const isOwn = (path: string): boolean => ownScreens.some((name) => addressOf(name) === path)
