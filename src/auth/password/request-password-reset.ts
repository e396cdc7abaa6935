import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { newTimeOrderedId, type UserId } from '../../core/ids.ts'
import { MAIL_LINK_MINUTES } from '../../core/lifetimes.ts'
import { blindIndexes } from '../../crypto/blind-index.ts'
import type { EmailAddress } from '../../identity/email-address.ts'
import { canBeRestored } from '../../storage/database/can-be-restored.ts'
import { holderOf, issueToken, tokenExists, voidTokens } from '../../storage/database/one-time-tokens.ts'
import { refuseWithoutRootKeys, selectMissingRootKeys } from '../../storage/database/root-keys.ts'
import { recordEvent } from '../../storage/outbox.ts'
import { orderMail, queueMail } from '../../storage/outbox-mail.ts'
import { addClientLater } from '../add-client-later.ts'

type Dependencies = Pick<
  Context,
  'db' | 'ring' | 'vault' | 'actor' | 'client' | 'requestId' | 'now' | 'locale' | 'outbox'
>

/**
 * Mails a link to choose a new password; to an account that its owner has deleted, one that brings it back. Older
 * links die. For an unknown address the same batch runs and finds nobody (SECURITY.md E2).
 * @throws AppError `misconfigured`, to everyone alike, while a root key is missing
 */
export async function requestPasswordReset(ctx: Dependencies, email: EmailAddress): Promise<void> {
  const { db, now } = ctx
  const indexes = await blindIndexes(ctx.ring, 'emailIndex', email.canonical)
  const isMeant = sql`u.email_index IN ${indexes}`
  const [resetId, restoreId, eventId] = [crypto.randomUUID(), crypto.randomUUID(), newTimeOrderedId(now)]
  const expiresAtMs = now + MAIL_LINK_MINUTES * 60_000
  const [[user], , , , resets, restores, , missing] = await db.batch([
    sql<{ id: UserId }>`SELECT u.id FROM users u WHERE ${isMeant}`,
    voidTokens(sql`SELECT u.id FROM users u WHERE ${isMeant}`, ['reset', 'restore', 'recover']),
    issueToken({ id: resetId, purpose: 'reset', now, expiresAtMs }, sql`${isMeant} AND u.status <> 'deleted'`),
    issueToken({ id: restoreId, purpose: 'recover', now, expiresAtMs }, sql`${isMeant} AND ${canBeRestored(now)}`),
    orderMail(ctx, {
      template: 'reset-password',
      userId: holderOf(resetId),
      tokenId: resetId,
      onlyIf: tokenExists(resetId),
    }),
    orderMail(ctx, {
      template: 'restore',
      userId: holderOf(restoreId),
      tokenId: restoreId,
      onlyIf: tokenExists(restoreId),
    }),
    recordEvent(
      ctx,
      { action: 'user.password_reset_requested', outcome: 'success' },
      { id: eventId, subject: sql`(SELECT u.id FROM users u WHERE ${isMeant})` },
    ),
    selectMissingRootKeys(ctx.ring),
  ])
  queueMail(ctx, [...resets, ...restores])
  const pendingKey = user ? ctx.vault.find(user.id) : ctx.vault.system(now)
  addClientLater(ctx, eventId, { subjectId: user?.id, pendingKey })
  refuseWithoutRootKeys(missing)
}
