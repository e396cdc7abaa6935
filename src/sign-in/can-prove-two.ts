import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import type { UserId } from '../core/ids.ts'
import { rpIdOf } from '../core/relying-party.ts'
import { hasPasskey } from '../storage/database/passkeys.ts'

/** A factor that is about to be removed, and does not count. */
type RemovedFactor = { readonly totp: true } | { readonly passkeyId: string }

/**
 * SQL condition: the user has a second factor. A new kind is added here. Recovery codes are none: they stand
 * in for one.
 * @param except a factor that does not count
 */
export function canProveTwo({ settings }: Pick<Context, 'settings'>, userId: UserId, except?: RemovedFactor): SQL {
  const ofPasskeys = except !== undefined && 'passkeyId' in except ? { except: except.passkeyId } : {}
  const hasOther = hasPasskey({ userId, rpId: rpIdOf(settings), ...ofPasskeys })
  if (except !== undefined && 'totp' in except) return hasOther
  return sql`(EXISTS (SELECT 1 FROM totp_factors WHERE totp_factors.user_id = ${userId}) OR ${hasOther})`
}
