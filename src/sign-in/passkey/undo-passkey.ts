import { sql } from 'drizzle-orm'
import type { Context, Recording } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import { readOneTimeToken } from '../../crypto/one-time-token.ts'
import { addClientLater, keyOfSubject } from '../../storage/database/add-client-later.ts'
import { endSessions } from '../../storage/database/end-sessions.ts'
import { consumerOf, consumeToken, voidTokens } from '../../storage/database/one-time-tokens.ts'
import { removal } from '../../storage/database/passkeys.ts'
import { recorded } from '../../storage/database/recorded.ts'
import { refuseToken } from '../../storage/database/refuse-token.ts'
import { removeSeenCodes } from '../../storage/database/second-factors.ts'
import { assignments, plusOne } from '../../storage/database/writes.ts'
import { passkeys, users } from '../../storage/schema/index.ts'

type Dependencies = Recording & Pick<Context, 'ring' | 'vault' | 'sessions' | 'defer'>

/**
 * Removes a passkey that another person has added, with the link that was mailed to the owner, also if it is
 * the last way to sign in: the mailbox leads to a new password. All sessions end. The person who added the
 * passkey had one with a recent sign-in, and could add another passkey. An offer to restore a deleted account
 * ends too, because the passkey may have got it.
 *
 * The link also works if the passkey was removed already: the other person could otherwise remove it, keep
 * their session and the recovery codes, and leave the owner a dead link.
 *
 * Recovery codes that were made with the passkey or since then end, and all of them if no other factor is
 * left: the other person may have seen them. The need for two factors stays, so that a password, which the
 * other person may know, does not become enough. If no factor is left, the next sign-in leads to the set-up
 * of a new one, which takes the mailbox as well.
 * @throws AppError `invalid_token`
 */
export async function undoPasskey(ctx: Dependencies, token: string): Promise<void> {
  const { db, ring, now } = ctx
  const id = await readOneTimeToken(ring, 'unkey', token)
  if (id === undefined) throw new AppError('invalid_token')
  const nonce = crypto.randomUUID()
  const owner = consumerOf(nonce)
  const removed = { ...removal(now), removed_at: sql`coalesce(${passkeys.removedAt}, ${now})` }
  const { consumed } = await db.batch({
    consumed: consumeToken(
      { id, purpose: 'unkey', now, nonce },
      sql`EXISTS (SELECT 1 FROM passkeys WHERE passkeys.id = ${id} AND passkeys.user_id = u.id)`,
    ),
    undone: recorded(
      ctx,
      sql`UPDATE passkeys SET ${assignments(passkeys, removed)} WHERE id = ${id} AND user_id = ${owner}`,
      { action: 'passkey.undone', outcome: 'success', detail: { passkey_id: id } },
      { owner, later: addClientLater(ctx, keyOfSubject(ctx)) },
    ),
    codes: removeSeenCodes(owner, sql`(SELECT created_at FROM passkeys WHERE id = ${id})`),
    epoch: sql`
      UPDATE users SET ${assignments(users, { security_epoch: plusOne(users.securityEpoch) })} WHERE id = ${owner}`,
    ended: endSessions(ctx, 'factors_changed', sql`user_id = ${owner}`),
    offers: voidTokens(owner, ['restore']),
  })
  if (consumed.length === 0) throw await refuseToken(ctx, { id, purpose: 'unkey' })
}
