import type { Factors, Operations } from '../../../client/api.ts'
import { isProblem } from '../../../client/problem.ts'
import { askForPasskey, canUsePasskeys } from './authenticator.ts'
import { call } from './client.ts'
import { Refused } from './explain.ts'
import { facts } from './facts.ts'
import type { Values } from './form.tsx'

/** What an account can prove that its user is present with. */
export type Proof = 'password' | 'totp' | 'passkey' | 'mail'

export interface Account {
  readonly factors: Factors
  /** The providers at which it signs in. */
  readonly providers: readonly string[]
}

/** Reads what the account has. Providers count only where this browser can use nothing else. */
export async function findAccount(): Promise<Account> {
  const factors = await call('getFactors')
  const hasOther = factors.password.set || (canUsePasskeys && factors.passkeys.some(isUsable))
  const identities = hasOther ? [] : (await call('listIdentities')).identities
  return { factors, providers: identities.map(({ provider }) => provider) }
}

/** Whether the service accepts a passkey or security key now. */
export const isUsable = ({ suspended, other_domain }: Factors['passkeys'][number]): boolean =>
  !suspended && !other_domain

/** The level of an account that accepts no single factor. */
export const TWO_FACTORS = 'aal2'

const takesOneFactor = (level: string | undefined): boolean =>
  level === undefined || level === 'aal0' || level === 'aal1'

/** The providers that reach a level. The account may be linked to one that the service has no more. */
export const providersFor = (level: string | undefined, { providers }: Account): string[] =>
  takesOneFactor(level) ? facts.providers.filter((name) => providers.includes(name)) : []

/**
 * The proofs that reach a level, the one to ask for first at the front. A mailed code is enough only for an
 * account without any other way in, and only a passkey resists phishing (`phr`).
 */
export function proofsFor(level: string | undefined, { factors, providers }: Account): Proof[] {
  const hasPasskey = factors.passkeys.some(isUsable)
  const isOne = takesOneFactor(level)
  const hasOnlyMail = !factors.password.set && !hasPasskey && providers.length === 0 && factors.user_name !== null
  const fitting: readonly (readonly [Proof, boolean])[] = [
    ['password', isOne && factors.password.set],
    ['totp', level !== 'phr' && factors.totp !== null],
    ['passkey', hasPasskey && canUsePasskeys],
    ['mail', isOne && hasOnlyMail && facts.hasMailSignIn],
  ]
  const found = fitting.flatMap(([proof, fits]) => (fits ? [proof] : []))
  // Without a password, a passkey takes less work than a code.
  return isOne && found[0] === 'totp' && found.includes('passkey') ? ['passkey', 'totp'] : found
}

/**
 * Sends a proof.
 * @param values of the form, by the names of the fields
 * @param request of the mail, for `mail`
 * @throws Refused with words for this proof, ProblemError
 */
export async function prove(proof: Proof, values: Values, request = ''): Promise<void> {
  const body = await bodyOf(proof, values, request)
  try {
    await call('stepUp', { body })
  } catch (error) {
    throw refusalOf(proof, error)
  }
}

async function bodyOf(proof: Proof, values: Values, request: string): Promise<Operations['stepUp']['body']> {
  const { password = '', totp = '', mail_code: code = '' } = values
  if (proof === 'password') return { password }
  if (proof === 'totp') return { totp }
  if (proof === 'mail') return { email_code: code, request }
  const offer = await call('offerPasskeyStepUp')
  return { ticket: offer.ticket, credential: await askForPasskey(offer.public_key) }
}

function refusalOf(proof: Proof, error: unknown): unknown {
  if (proof === 'password' && isProblem(error, 'invalid_credentials')) return new Refused('wrong_password', 'password')
  if (proof === 'totp' && isProblem(error, 'invalid_second_factor')) return new Refused('invalid_second_factor', 'totp')
  // An expired request, or another passkey than the service asked for.
  if (proof === 'passkey' && isProblem(error, 'invalid_credentials')) return new Refused('passkey_refused')
  if (proof !== 'mail') return error
  if (isProblem(error, 'invalid_credentials')) return new Refused('invalid_mail_code', 'mail_code')
  if (isProblem(error, 'invalid_token')) return new Refused('mail_code_wrong', 'mail_code')
  return isProblem(error, 'validation_failed') ? new Refused('mail_code_refused', 'mail_code') : error
}
