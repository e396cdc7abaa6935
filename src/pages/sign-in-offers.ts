import { findRelyingParty } from '../core/relying-party.ts'
import type { Settings } from '../core/settings.ts'
import type { SignInOffer } from './actions.ts'

/** What the pages offer beside passwords. They have passkeys where their own origin may use them. */
export function signInOffersOf(settings: Settings): ReadonlySet<SignInOffer> {
  const hasPasskeys = findRelyingParty(settings)?.origins.includes(settings.ISSUER) === true
  const hasMail = settings.EMAIL_SIGN_IN === 'on'
  return new Set([...(hasPasskeys ? (['passkeys'] as const) : []), ...(hasMail ? (['mail'] as const) : [])])
}
