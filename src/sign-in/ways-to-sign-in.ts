import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import type { FactorKind } from '../core/factor-kinds.ts'
import type { UserId } from '../core/ids.ts'
import { rpIdOf } from '../core/relying-party.ts'
import { hasPasskeyAlone } from '../storage/database/passkeys.ts'
import { columnsOf, withRows } from '../storage/database/rows.ts'
import { type Statement, type Taken, takenFrom } from '../storage/database/statement.ts'
import { chainBegan } from '../storage/database/users.ts'
import { assignments } from '../storage/database/writes.ts'
import { credentials, socialLogins } from '../storage/schema/index.ts'

// What all ways to sign in have in common once one of them goes. A new way is added here, so that no other
// way's files change for it.

interface RemovedWay {
  readonly userId: UserId
  /** The id of a row of `social_logins`. */
  readonly identityId?: string
  /** The id of a row of `passkeys`. */
  readonly passkeyId?: string
}

/**
 * SQL condition: the user can still sign in without this identity or passkey, by password, by an identity at
 * a provider that is still configured, or by a passkey of the present domain.
 */
export const hasAnotherWayIn = (
  { identityProviders, settings }: Pick<Context, 'identityProviders' | 'settings'>,
  { userId, identityId = '', passkeyId = '' }: RemovedWay,
): SQL => sql`
  (EXISTS (SELECT 1 FROM credentials WHERE user_id = ${userId} AND password_hash IS NOT NULL)
    OR EXISTS (SELECT 1 FROM social_logins other WHERE other.user_id = ${userId} AND other.id <> ${identityId}
      AND other.provider IN ${[...identityProviders.keys(), '']})
    OR ${hasPasskeyAlone({ userId, rpId: rpIdOf(settings), except: passkeyId })})`

/**
 * Deletes everything that proves a second factor, and a reset of it. A passkey also signs in alone.
 * @param userId SQL for the user, or null for nobody
 */
export const voidSecondFactors = (userId: SQL): readonly SQL[] => [
  ...Object.values({
    totp: sql`DELETE FROM totp_factors WHERE user_id = ${userId}`,
    recovery_codes: sql`DELETE FROM recovery_codes WHERE user_id = ${userId}`,
    passkeys: sql`DELETE FROM passkeys WHERE user_id = ${userId}`,
  } satisfies Record<FactorKind, SQL>),
  sql`DELETE FROM factor_resets WHERE user_id = ${userId}`,
]

/** Unlinks every identity but one. @param userId SQL for the user, or null for nobody */
export const voidIdentities = (userId: SQL, keptIdentity: string): SQL =>
  sql`DELETE FROM social_logins WHERE user_id = ${userId} AND id <> ${keptIdentity}`

/** The password no longer signs in. @param userId SQL for the user, or null for nobody */
export const voidPassword = (userId: SQL, now: number): SQL => sql`
  UPDATE credentials SET ${assignments(credentials, { password_hash: null, changed_at: now, chain_began_at: null })}
  WHERE user_id = ${userId}`

const linkedProvider = { provider: socialLogins.provider } as const

/**
 * The identities that a reset of the password removes, as steps of its batch. Only the batch knows which
 * identities it removes, so `facts` is complete once the batch has run.
 * @param owner SQL for the user who resets
 * @param wasUnproven SQL for the same user if the address was not proven before, else null
 */
export function removeIdentitiesByReset(owner: SQL, wasUnproven: SQL) {
  const isDropped = isRemovedByReset(owner, wasUnproven)
  const [droppedProviders, keptProviders]: [string[], string[]] = [[], []]
  return {
    steps: {
      identities: collectProviders(
        droppedProviders,
        sql`DELETE FROM social_logins WHERE ${isDropped} RETURNING ${columnsOf(linkedProvider)}`,
      ),
      kept: collectProviders(
        keptProviders,
        sql`
          SELECT DISTINCT ${columnsOf(linkedProvider)} FROM social_logins
          WHERE user_id = ${owner} ORDER BY provider`,
      ),
    },
    /** SQL for the detail of the event, before the steps. */
    detail: droppedDetail(isDropped),
    /** What the mail about the reset lists. */
    facts: () =>
      droppedProviders.length + keptProviders.length === 0 ? undefined : { droppedProviders, keptProviders },
  }
}

/**
 * SQL condition on `social_logins`: identities that the reset removes. These are all identities of an account
 * whose address was unproven. Otherwise they are the identities that were linked after the chain of passwords
 * began. A thief who knew an earlier password may have changed it, and that must not save the identities that
 * the thief linked. If there is no such chain, the identities are the only way to sign in, and they stay.
 */
const isRemovedByReset = (owner: SQL, wasUnproven: SQL): SQL => sql`
  social_logins.user_id = ${owner} AND (social_logins.user_id = ${wasUnproven} OR social_logins.linked_at > (
    SELECT ${chainBegan} FROM credentials
    WHERE user_id = ${owner} AND (password_hash IS NOT NULL OR chain_began_at IS NOT NULL)))`

/** SQL: the detail of the event; null if no identity is removed. */
const droppedDetail = (condition: SQL): SQL => sql`
  (SELECT json_object('dropped_identities', json_group_array(json_object('identity_id', id, 'provider', provider)))
    FROM social_logins WHERE ${condition} HAVING count(*) > 0)`

/** Reads linked providers from a statement into a list, each name once. */
const collectProviders = (names: string[], statement: SQL): Statement<Taken> =>
  takenFrom(withRows(linkedProvider, statement), (rows) => {
    names.push(...new Set(rows.map(({ provider }) => provider)))
  })
