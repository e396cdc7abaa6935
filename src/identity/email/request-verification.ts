import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { Message } from '../../core/message-view.ts'
import { blindIndexes } from '../../crypto/blind-index.ts'
import { type Recorder, recordEvent } from '../../storage/database/outbox.ts'
import { requestMail } from '../../storage/database/outbox-mail.ts'
import { refuseWithoutRootKeys, selectMissingRootKeys } from '../../storage/database/root-keys.ts'
import type { EmailAddress } from './email-address.ts'

/** The answer for every address, known or not. */
export const verificationMailed: Message = {
  message: 'If the address is waiting to be verified, a mail is on its way to it.',
}

type Dependencies = Recorder & Pick<Context, 'db' | 'ring' | 'locale'>

/**
 * Requests a new link to verify an address. It is mailed if the address has an account that is not verified
 * yet, and mailing it voids the older links. The same rows are written for every address, so neither the
 * answer nor its time reveals an account (E2 in docs/requirements.md).
 * @throws AppError `misconfigured`, for every address, while a root key is missing
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
