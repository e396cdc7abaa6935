/**
 * How strongly a person has authenticated, in ascending order; the claim `acr`. `aal0`: a mailbox, or a proof
 * that was not recorded. `aal1`: one factor. `aal2`: two factors. `phr`: two factors, of which one is a
 * passkey or a security key and therefore resists phishing.
 */
export const assuranceLevels = ['aal0', 'aal1', 'aal2', 'phr'] as const
export type AssuranceLevel = (typeof assuranceLevels)[number]

export const LOWEST_LEVEL = 'aal0' satisfies AssuranceLevel
export const ONE_FACTOR = 'aal1' satisfies AssuranceLevel
export const TWO_FACTORS = 'aal2' satisfies AssuranceLevel
export const PHISHING_RESISTANT = 'phr' satisfies AssuranceLevel

/**
 * The level of a list of authentication methods (the claim `amr`). The list decides alone, so the level is
 * computed wherever it is shown, and stored nowhere. An additional method never lowers it. Unknown methods
 * count for nothing. No other file computes a level.
 *
 * `pwd`, `otp`, `pop` and `mfa` are values of RFC 8176. `fed` (an identity provider), `email` (a mailbox) and
 * `recovery` (a recovery code) are our own, because the RFC has none for them.
 */
export function acrOf(amr: readonly string[]): AssuranceLevel {
  const has = (method: string) => amr.includes(method)
  if (has(TWO_METHODS)) return has('pop') ? 'phr' : 'aal2'
  return has('pwd') || has('fed') || has('pop') ? 'aal1' : 'aal0'
}

/** Whether a level is lower than another. */
export const isBelow = (level: AssuranceLevel, needed: AssuranceLevel): boolean =>
  assuranceLevels.indexOf(level) < assuranceLevels.indexOf(needed)

/** What a request has proven, on a route that requires a step-up. */
export interface ProvenLevel {
  readonly level: AssuranceLevel
  /** The present RP ID: which passkeys of the account could prove more. */
  readonly rpId: string
}

/**
 * The level that the next step-up of a session has to reach, as far as its own methods show. A session is
 * opened at the level that its account needs, so a session with two factors belongs to an account with two.
 */
export const levelToRenew = (amr: readonly string[]): AssuranceLevel =>
  isBelow(acrOf(amr), TWO_FACTORS) ? ONE_FACTOR : TWO_FACTORS

/** When an account needs two factors. Times in Unix milliseconds. */
export interface TwoStepTimes {
  /** Since when its owner wants them. Null: the owner does not. */
  readonly twoStepAt: number | null
  /** From when on a rule or an operator requires them. Null: never. */
  readonly twoStepDueAt: number | null
}

/** Whether an account needs two factors now. `isTwoFactorAccount` is the same rule in SQL. */
export const needsTwoFactors = ({ twoStepAt, twoStepDueAt }: TwoStepTimes, now: number): boolean =>
  twoStepAt !== null || (twoStepDueAt !== null && twoStepDueAt <= now)

/**
 * The level that an account needs for its own important changes. `isLevelAtMost` is the same rule in SQL.
 * @param account its times, and whether it has a password, a linked identity or a passkey
 */
export function levelOfAccount(account: TwoStepTimes & { readonly hasWayIn: boolean }, now: number): AssuranceLevel {
  if (needsTwoFactors(account, now)) return TWO_FACTORS
  return account.hasWayIn ? ONE_FACTOR : 'aal0'
}

declare const proven: unique symbol

/**
 * Authentication methods (`amr`) that a verb has verified. Only this file makes such a list, and a session is
 * opened with nothing else.
 */
export type ProvenMethods = readonly string[] & { readonly [proven]: true }

/** A password, an identity provider, or a mailbox. */
export type FirstProof = 'pwd' | 'fed' | 'email'

/** @param method the way in whose proof the caller has just verified */
export const provenBy = (method: FirstProof): ProvenMethods => [method] as readonly string[] as ProvenMethods

/**
 * The methods after a sign-in with a passkey. The authenticator has verified its user, so the passkey is two
 * factors: a thing that the person has, and a PIN or a body part.
 */
export const provenByPasskey: ProvenMethods = ['pop', 'mfa'] as readonly string[] as ProvenMethods

/** The methods that count as a first factor. A second factor beside one of them makes two factors. */
export const firstFactors: readonly string[] = ['pwd', 'fed', 'email']

/** The method that says that two factors were proven (RFC 8176). */
export const TWO_METHODS = 'mfa'

/** A code of an authenticator app, a recovery code, or a passkey or security key. */
export type SecondProof = 'otp' | 'recovery' | 'pop'

/**
 * The methods after a second factor was verified. Only this function and `provenByPasskey` add `mfa`.
 * @param amr what was proven before
 */
export function addProof(amr: ProvenMethods, method: SecondProof): ProvenMethods {
  const isSecond = amr.some((proof) => firstFactors.includes(proof))
  return [...new Set([...amr, method, ...(isSecond ? [TWO_METHODS] : [])])] as readonly string[] as ProvenMethods
}

/**
 * Methods that the service recorded when they were verified.
 * @param stored the `amr` of a row, or of a ticket
 */
export const recordedMethods = (stored: readonly string[]): ProvenMethods => stored as ProvenMethods
