import { sql } from 'drizzle-orm'
import type { Context, Recording } from '../context.ts'
import type { UserId } from '../core/ids.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import { addClientLater, addClientToMailLater } from '../storage/database/add-client-later.ts'
import { endSessions } from '../storage/database/end-sessions.ts'
import { voidTokens } from '../storage/database/one-time-tokens.ts'
import { orderMail } from '../storage/database/outbox-mail.ts'
import { recorded } from '../storage/database/recorded.ts'
import { restsOn } from '../storage/database/session-methods.ts'
import { assignments } from '../storage/database/writes.ts'
import { passkeys } from '../storage/schema/index.ts'
import { hasGoneBack } from './signature-counter.ts'

interface CopiedPasskey {
  readonly passkey: { readonly id: string; readonly user_id: UserId }
  /** The counter in the answer of the authenticator. */
  readonly signCount: number
  readonly pendingKey: Promise<DataKeyLookup>
}

/**
 * Suspends a passkey whose signature counter went back, once, ends the sessions that rest on it and offers to
 * restore a deleted account, and mails the owner. One of the two devices is a thief's, and the service cannot
 * tell which.
 */
export async function suspendPasskey(
  ctx: Recording & Pick<Context, 'locale' | 'sessions' | 'defer'>,
  { passkey, signCount, pendingKey }: CopiedPasskey,
): Promise<void> {
  const { id, user_id: userId } = passkey
  const findKey = () => pendingKey
  const suspended = recorded(
    ctx,
    sql`
      UPDATE passkeys SET ${assignments(passkeys, { suspended_at: ctx.now })}
      WHERE id = ${id} AND suspended_at IS NULL AND removed_at IS NULL
        AND ${hasGoneBack({ signCount, now: ctx.now })}`,
    { action: 'passkey.suspended', outcome: 'success', subjectId: userId, detail: { passkey_id: id } },
    { later: addClientLater(ctx, findKey) },
  )
  await ctx.db.batch({
    suspended,
    ended: endSessions(ctx, 'passkey_suspended', sql`user_id = ${userId} AND ${restsOn(id)} AND ${suspended.happened}`),
    offers: voidTokens(sql`SELECT id FROM users WHERE id = ${userId} AND ${suspended.happened}`, ['restore']),
    told: orderMail(ctx, {
      template: 'passkey-suspended',
      userId,
      onlyIf: suspended.happened,
      later: addClientToMailLater(ctx, { findKey }),
    }),
  })
}
