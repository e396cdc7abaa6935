import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { MAIL_LINK_MINUTES } from '../../core/lifetimes.ts'
import { blindIndexes } from '../../crypto/blind-index.ts'
import { holderOf, issueToken, tokenExists, voidTokens } from '../../storage/database/one-time-tokens.ts'
import { refuseWithoutRootKeys, selectMissingRootKeys } from '../../storage/database/root-keys.ts'
import { recordEvent } from '../../storage/outbox.ts'
import { orderMail, queueMail } from '../../storage/outbox-mail.ts'
import type { EmailAddress } from '../email-address.ts'

type Dependencies = Pick<Context, 'db' | 'ring' | 'actor' | 'requestId' | 'now' | 'locale' | 'outbox'>

/**
 * Mails a new link to an account that is not verified yet; the old link dies. For an unknown or verified address the
 * same batch runs and finds nobody, so the answer and its timing tell nothing (SECURITY.md E2).
 * @throws AppError `misconfigured`, to everyone alike, while a root key is missing
 */
export async function requestVerification(ctx: Dependencies, email: EmailAddress): Promise<void> {
  const { db, now } = ctx
  const indexes = await blindIndexes(ctx.ring, 'emailIndex', email.canonical)
  const isWaiting = sql`u.email_index IN ${indexes} AND u.is_verified = 0 AND u.status = 'active'`
  const id = crypto.randomUUID()
  const expiresAtMs = now + MAIL_LINK_MINUTES * 60_000
  const [, , jobs, , missing] = await db.batch([
    voidTokens(sql`SELECT id FROM users u WHERE ${isWaiting}`, ['verify']),
    issueToken({ id, purpose: 'verify', now, expiresAtMs }, isWaiting),
    orderMail(ctx, { template: 'verify-email', userId: holderOf(id), tokenId: id, onlyIf: tokenExists(id) }),
    recordEvent(
      ctx,
      { action: 'user.verification_requested', outcome: 'success' },
      // Of an unknown address, too, without a subject: a batch that commits nothing is answered sooner than one that does.
      { subject: holderOf(id) },
    ),
    selectMissingRootKeys(ctx.ring),
  ])
  queueMail(ctx, jobs)
  refuseWithoutRootKeys(missing)
}
