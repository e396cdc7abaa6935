import { type SQL, sql } from 'drizzle-orm'
import type { Context, Recording } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import { readOneTimeToken } from '../../crypto/one-time-token.ts'
import { addClientLater, keyOfSubject } from '../../storage/database/add-client-later.ts'
import { endSessions } from '../../storage/database/end-sessions.ts'
import { consumerOf, consumeToken } from '../../storage/database/one-time-tokens.ts'
import { isKept, removal } from '../../storage/database/passkeys.ts'
import { recorded } from '../../storage/database/recorded.ts'
import { refuseToken } from '../../storage/database/refuse-token.ts'
import { assignments, plusOne } from '../../storage/database/writes.ts'
import { passkeys, users } from '../../storage/schema/index.ts'

type Dependencies = Recording & Pick<Context, 'ring' | 'vault' | 'sessions' | 'defer'>

/**
 * Removes a passkey that another person has added, with the link that was mailed to the owner, also if it is
 * the last way to sign in: the mailbox leads to a new password. All sessions end. The person who added the
 * passkey had one with a recent sign-in, and could add another passkey.
 *
 * Recovery codes that were made with the passkey or since then end, and all of them if no other factor is
 * left: the other person may have seen them. The need for two factors stays, so that a password, which the
 * other person may know, does not become enough. If no factor is left, the next sign-in leads to the set-up
 * of a new one, which takes the mailbox as well.
 * @throws AppError `invalid_token`, also when the passkey was removed already
 */
export async function undoPasskey(ctx: Dependencies, token: string): Promise<void> {
  const { db, ring, now } = ctx
  const id = await readOneTimeToken(ring, 'unkey', token)
  if (id === undefined) throw new AppError('invalid_token')
  const nonce = crypto.randomUUID()
  const owner = consumerOf(nonce)
  const { consumed } = await db.batch({
    consumed: consumeToken(
      { id, purpose: 'unkey', now, nonce },
      sql`EXISTS (SELECT 1 FROM passkeys WHERE passkeys.id = ${id} AND passkeys.user_id = u.id AND ${isKept})`,
    ),
    undone: recorded(
      ctx,
      sql`UPDATE passkeys SET ${assignments(passkeys, removal(now))} WHERE id = ${id} AND user_id = ${owner}`,
      { action: 'passkey.undone', outcome: 'success', detail: { passkey_id: id } },
      { owner, later: addClientLater(ctx, keyOfSubject(ctx)) },
    ),
    codes: sql`
      DELETE FROM recovery_codes
      WHERE user_id = ${owner}
        AND (created_at >= (SELECT created_at FROM passkeys WHERE id = ${id}) OR NOT ${hasOtherFactor(owner)})`,
    epoch: sql`
      UPDATE users SET ${assignments(users, { security_epoch: plusOne(users.securityEpoch) })} WHERE id = ${owner}`,
    ended: endSessions(ctx, 'factors_changed', sql`user_id = ${owner}`),
  })
  if (consumed.length === 0) throw await refuseToken(ctx, { id, purpose: 'unkey' })
}

/** SQL condition: recovery codes stand in for another factor, used or blocked. By index. */
const hasOtherFactor = (owner: SQL): SQL => sql`
  (EXISTS (SELECT 1 FROM totp_factors WHERE totp_factors.user_id = ${owner})
    OR EXISTS (SELECT 1 FROM passkeys WHERE passkeys.user_id = ${owner} AND ${isKept}))`
