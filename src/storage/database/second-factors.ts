import { type SQL, sql } from 'drizzle-orm'
import { type FactorKind, factorKinds } from '../../core/factor-kinds.ts'
import type { UserId } from '../../core/ids.ts'
import { MAX_WRONG_CODES } from '../../core/rate-limit-policies.ts'
import type { Computed } from './members.ts'
import { isKept, isUsablePasskey } from './passkeys.ts'
import { computed } from './rows.ts'

/** Whose second factors, and which of them count. */
export interface FactorOwner {
  /** The user, or SQL for the id. */
  readonly userId: UserId | SQL
  /** The present RP ID. A passkey of another one cannot be used. */
  readonly rpId: string
}

/** A factor that is about to be removed, and does not count. */
export type RemovedFactor = { readonly totp: true } | { readonly passkeyId: string }

/** SQL conditions about the second factors of one kind. */
interface OfOneKind {
  /** The account has one, or had one that is used up, locked or blocked. */
  readonly isStored: SQL
  /** The account has one that is not used up or blocked, and of the present domain. */
  readonly isOwned: SQL
  /** A sign-in can ask for one now: it is not locked either. */
  readonly isUsable: SQL
  /** It is a factor of its own. A recovery code stands in for another one. */
  readonly isLasting: boolean
}

/**
 * The kinds of second factors. What an account may do because of its second factors follows from this list
 * alone, so a new kind is added here. All conditions find their rows by index.
 */
export const secondFactorsOf = ({ userId, rpId }: FactorOwner, except?: RemovedFactor) => {
  const passkeyId = except !== undefined && 'passkeyId' in except ? except.passkeyId : ''
  const totp = sql`FROM totp_factors WHERE totp_factors.user_id = ${userId}`
  const passkeys = sql`FROM passkeys WHERE passkeys.user_id = ${userId}`
  const codes = sql`FROM recovery_codes WHERE recovery_codes.user_id = ${userId}`
  const usablePasskey = sql`EXISTS (SELECT 1 ${passkeys} AND passkeys.id <> ${passkeyId} AND ${isUsablePasskey(rpId)})`
  const unusedCode = sql`EXISTS (SELECT 1 ${codes} AND recovery_codes.used_at IS NULL)`
  return {
    passkeys: {
      isStored: sql`EXISTS (SELECT 1 ${passkeys} AND ${isKept})`,
      isOwned: usablePasskey,
      isUsable: usablePasskey,
      isLasting: true,
    },
    totp: {
      isStored: sql`EXISTS (SELECT 1 ${totp})`,
      isOwned: except !== undefined && 'totp' in except ? sql`false` : sql`EXISTS (SELECT 1 ${totp})`,
      isUsable: sql`EXISTS (SELECT 1 ${totp} AND totp_factors.failures < ${sql.raw(String(MAX_WRONG_CODES))})`,
      isLasting: true,
    },
    recovery_codes: {
      isStored: sql`EXISTS (SELECT 1 ${codes})`,
      isOwned: unusedCode,
      isUsable: unusedCode,
      isLasting: false,
    },
  } as const satisfies Record<FactorKind, OfOneKind>
}

const anyOf = (kinds: readonly OfOneKind[], name: 'isStored' | 'isOwned' | 'isUsable'): SQL =>
  sql`(${sql.join(
    kinds.map((kind) => kind[name]),
    sql` OR `,
  )})`

const kindsOf = (owner: FactorOwner, except?: RemovedFactor): readonly OfOneKind[] =>
  Object.values(secondFactorsOf(owner, except))

const isLasting = (kind: OfOneKind): boolean => kind.isLasting

/**
 * SQL condition: the user has a second factor, also one that cannot be used.
 * @param kinds the kinds that count, all by default
 */
export function hasStoredFactor(userId: UserId | SQL, kinds: readonly FactorKind[] = factorKinds): SQL {
  const all = secondFactorsOf({ userId, rpId: '' })
  return anyOf(
    kinds.map((kind) => all[kind]),
    'isStored',
  )
}

/** SQL condition: the user has a second factor, locked or not, or a recovery code that stands in for one. */
export const ownsFactor = (owner: FactorOwner): SQL => anyOf(kindsOf(owner), 'isOwned')

/**
 * SQL condition: the user has a second factor that can be used again and again. It may be locked.
 * @param except a factor that does not count
 */
export const ownsLastingFactor = (owner: FactorOwner, except?: RemovedFactor): SQL =>
  anyOf(kindsOf(owner, except).filter(isLasting), 'isOwned')

/**
 * SQL: deletes the recovery codes that were made since this time, because another person may have seen them.
 * If no other factor is left, used or blocked, it deletes all of them. They stood in for one, and while the
 * account has a code, an owner who does not know it cannot set up a new factor.
 * @param owner SQL for the user, or null for nobody
 * @param since SQL for a time in Unix milliseconds
 */
export const removeSeenCodes = (owner: SQL, since: SQL): SQL => sql`
  DELETE FROM recovery_codes
  WHERE user_id = ${owner}
    AND (created_at >= ${since} OR NOT ${anyOf(kindsOf({ userId: owner, rpId: '' }).filter(isLasting), 'isStored')})`

/** SQL condition: a sign-in can ask the user for a second factor now. */
export const canUseFactor = (owner: FactorOwner): SQL => anyOf(kindsOf(owner), 'isUsable')

/**
 * A member of a row: what an account that needs two factors can do. `usable`: give a second one. `unusable`:
 * nothing, because those that it has are used up, locked, blocked or of another domain, so that an operator
 * has to reset them. `none`: add the first one.
 */
export const factorState = (owner: FactorOwner): Computed<string> =>
  computed.text(sql`
    CASE WHEN ${canUseFactor(owner)} THEN 'usable' WHEN ${hasStoredFactor(owner.userId)} THEN 'unusable' ELSE 'none' END`)

/** The same, where it need not be looked up. */
export const usableFactors: Computed<string> = computed.text(sql`'usable'`)

/**
 * Why an account that needs two factors cannot prove a second one. Sign-in, sessions and operators' routes
 * answer the same. Nobody may add a factor beside one that cannot be used, because a stolen password could
 * then replace it.
 * @param state of `factorState`
 * @returns the code; undefined if the account can prove one
 */
export function refusalFor(state: string): 'factor_enrolment_required' | 'second_factor_required' | undefined {
  if (state === 'none') return 'factor_enrolment_required'
  return state === 'unusable' ? 'second_factor_required' : undefined
}
