import { sql } from 'drizzle-orm'
import type { Context, Recording } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import { readOneTimeToken } from '../../crypto/one-time-token.ts'
import type { SessionEnding } from '../../storage/database/end-sessions.ts'
import type { PresentedSession } from '../../storage/database/live-session.ts'
import { consumerOf, consumeToken, voidTokens } from '../../storage/database/one-time-tokens.ts'
import { recordEvent } from '../../storage/database/outbox.ts'
import { refuseToken } from '../../storage/database/refuse-token.ts'
import { assignments } from '../../storage/database/writes.ts'
import { users } from '../../storage/schema/index.ts'
import { confirmEmailChange } from './confirm-email-change.ts'

type Dependencies = Recording & SessionEnding & Pick<Context, 'ring' | 'vault' | 'locale'>

/**
 * Uses a mailed link. A link of a registration verifies the address. A link of a change of address makes the
 * change.
 * @param present reads the session that the request presents; called only for a change
 * @throws AppError `invalid_token`; for a change also `invalid_access_token`, and the errors of `present`
 */
export async function verifyEmail(
  ctx: Dependencies,
  token: string,
  present: () => Promise<PresentedSession>,
): Promise<void> {
  const verification = await readOneTimeToken(ctx.ring, 'verify', token)
  if (verification !== undefined) return proveAddress(ctx, verification)
  const change = await readOneTimeToken(ctx.ring, 'change', token)
  if (change === undefined) throw new AppError('invalid_token')
  await confirmEmailChange(ctx, change, await present())
}

/**
 * Verifies the account's address. A change of address voids the token, so the account still has the address
 * to which the token was mailed.
 */
async function proveAddress(ctx: Dependencies, id: string): Promise<void> {
  const { db, now } = ctx
  const nonce = crypto.randomUUID()
  const owner = consumerOf(nonce)
  const { consumed } = await db.batch({
    consumed: consumeToken({ id, purpose: 'verify', now, nonce }, sql`u.is_verified = 0 AND u.status = 'active'`),
    verified: sql`UPDATE users SET ${assignments(users, { is_verified: true })} WHERE id = ${owner}`,
    voided: voidTokens(owner, ['verify']),
    recorded: recordEvent(
      ctx,
      { action: 'user.email_verified', outcome: 'success' },
      { owner, onlyIf: sql`${owner} IS NOT NULL` },
    ),
  })
  if (consumed.length === 0) throw await refuseToken(ctx, { id, purpose: 'verify' })
}
