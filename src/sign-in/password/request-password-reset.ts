import { sql } from 'drizzle-orm'
import type { Context, Recording } from '../../context.ts'
import type { Message } from '../../core/message-view.ts'
import { blindIndexes } from '../../crypto/blind-index.ts'
import type { EmailAddress } from '../../identity/email/email-address.ts'
import { addClientLater, keyOfSubject } from '../../storage/database/add-client-later.ts'
import { recordEvent } from '../../storage/database/outbox.ts'
import { requestMail } from '../../storage/database/outbox-mail.ts'
import { refuseWithoutRootKeys, selectMissingRootKeys } from '../../storage/database/root-keys.ts'

/** The answer for every address, known or not. */
export const resetMailed: Message = { message: 'If the address has an account, a mail is on its way to it.' }

type Dependencies = Recording & Pick<Context, 'ring' | 'vault' | 'locale'>

/**
 * Requests a link to choose a new password. For an account that its owner has deleted, a link to restore it
 * is mailed instead. Mailing a new link voids the older ones. The same rows are written for every address,
 * known or not (E2 in docs/requirements.md).
 * @throws AppError `misconfigured`, for every address, while a root key is missing
 */
export async function requestPasswordReset(ctx: Dependencies, email: EmailAddress): Promise<Message> {
  const indexes = await blindIndexes(ctx.ring, 'emailIndex', email.canonical)
  const { missing } = await ctx.db.batch({
    requested: requestMail(ctx, { template: 'reset-password', indexes }),
    recorded: recordEvent(
      ctx,
      { action: 'user.password_reset_requested', outcome: 'success' },
      {
        subject: sql`(SELECT id FROM users WHERE email_index IN ${indexes})`,
        later: addClientLater(ctx, keyOfSubject(ctx)),
      },
    ),
    missing: selectMissingRootKeys(ctx.ring),
  })
  refuseWithoutRootKeys(missing)
  return resetMailed
}
