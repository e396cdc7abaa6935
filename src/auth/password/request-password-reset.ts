import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { newTimeOrderedId, type UserId } from '../../core/ids.ts'
import { blindIndexes } from '../../crypto/blind-index.ts'
import type { EmailAddress } from '../../identity/email-address.ts'
import { refuseWithoutRootKeys, selectMissingRootKeys } from '../../storage/database/root-keys.ts'
import { recordEvent } from '../../storage/outbox.ts'
import { requestMail } from '../../storage/outbox-mail.ts'
import { addClientLater } from '../add-client-later.ts'

type Dependencies = Pick<
  Context,
  'db' | 'ring' | 'vault' | 'actor' | 'client' | 'requestId' | 'now' | 'locale' | 'outbox'
>

/**
 * Asks for a link to choose a new password; an account that its owner has deleted will get one that brings it back.
 * Older links die when it is mailed. For every address the same rows are written (SECURITY.md E2).
 * @throws AppError `misconfigured`, to everyone alike, while a root key is missing
 */
export async function requestPasswordReset(ctx: Dependencies, email: EmailAddress): Promise<void> {
  const { db, now } = ctx
  const indexes = await blindIndexes(ctx.ring, 'emailIndex', email.canonical)
  const selectOwner = sql<{ id: UserId }>`SELECT id FROM users WHERE email_index IN ${indexes}`
  const eventId = newTimeOrderedId(now)
  const [[owner], , , missing] = await db.batch([
    selectOwner,
    requestMail(ctx, { template: 'reset-password', indexes }),
    recordEvent(
      ctx,
      { action: 'user.password_reset_requested', outcome: 'success' },
      { id: eventId, subject: sql`(${selectOwner})` },
    ),
    selectMissingRootKeys(ctx.ring),
  ])
  const pendingKey = owner ? ctx.vault.find(owner.id) : ctx.vault.system(now)
  addClientLater(ctx, eventId, { subjectId: owner?.id, pendingKey })
  refuseWithoutRootKeys(missing)
}
