import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { Message } from '../../core/message-view.ts'
import { blindIndexes } from '../../crypto/blind-index.ts'
import { type Recorder, recordEvent } from '../../storage/database/outbox.ts'
import { requestMail } from '../../storage/database/outbox-mail.ts'
import { refuseWithoutRootKeys, selectMissingRootKeys } from '../../storage/database/root-keys.ts'
import type { EmailAddress } from './email-address.ts'

/** The answer, whatever is found. */
export const verificationMailed: Message = {
  message: 'If the address is waiting to be verified, a mail is on its way to it.',
}

type Dependencies = Recorder & Pick<Context, 'db' | 'ring' | 'locale'>

/**
 * Asks for a new link to prove an address, which an account that is not verified yet will get; older links
 * die when it is mailed. For every address the same rows are written, so neither the answer nor its timing
 * tells anything (SECURITY.md E2).
 * @throws AppError `misconfigured`, to everyone alike, while a root key is missing
 */
export async function requestVerification(ctx: Dependencies, email: EmailAddress): Promise<Message> {
  const indexes = await blindIndexes(ctx.ring, 'emailIndex', email.canonical)
  const { missing } = await ctx.db.batch({
    requested: requestMail(ctx, { template: 'verify-email', indexes }),
    recorded: recordEvent(
      ctx,
      { action: 'user.verification_requested', outcome: 'success' },
      { subject: sql`(SELECT id FROM users WHERE email_index IN ${indexes})` },
    ),
    missing: selectMissingRootKeys(ctx.ring),
  })
  refuseWithoutRootKeys(missing)
  return verificationMailed
}
