import { sql } from 'drizzle-orm'
import type { Context, Limiting } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import type { Message } from '../../core/message-view.ts'
import { assertWithinLimit, countAndRecord, prepareRateLimit, unlessRefused } from '../../rate-limits/rate-limit.ts'
import { encryptClient } from '../../storage/database/event-details.ts'
import { recordEvent } from '../../storage/database/outbox.ts'
import { orderMail, sealMailPayload } from '../../storage/database/outbox-mail.ts'
import { selectSignInAccount } from '../../storage/database/sign-in-account.ts'
import { allowsEnrolment, mayEnrol, needsMailCode, openEnrolment, requireEnrolling } from '../enrolment.ts'

const enrolmentCodeMailed: Message = { message: 'A mail with the code is on its way.' }

/**
 * Mails the code that proves the mailbox of an account, to which a second factor is added without a session.
 * The code depends on the token alone, so it is stored nowhere, and a second mail has the same one.
 * @throws AppError `invalid_token` (also for a token that needs no code), `email_unverified`, `rate_limited`,
 * `unavailable`
 */
export async function mailEnrolmentCode(ctx: Limiting & Pick<Context, 'locale'>, token: string): Promise<Message> {
  const enrolment = await openEnrolment(ctx, token)
  if (!needsMailCode(enrolment)) throw new AppError('invalid_token')
  const { userId } = enrolment
  const [rateLimit, lookup] = await Promise.all([
    prepareRateLimit(ctx, 'mail-enrolment-code', { user: userId }),
    ctx.vault.find(userId),
  ])
  if (lookup.kind === 'unavailable') throw new AppError('missingRootKey' in lookup ? 'misconfigured' : 'unavailable')
  const [pii, payload] = await Promise.all([
    encryptClient(ctx, lookup, userId),
    sealMailPayload(ctx, lookup, { userId, payload: { codeFor: enrolment.id } }),
  ])
  const isAllowed = sql`${rateLimit.isWithinLimit} AND ${allowsEnrolment(enrolment)}`
  const batch = ctx.db.batch({
    ...countAndRecord(ctx, rateLimit),
    accounts: selectSignInAccount(mayEnrol(enrolment), ctx.now),
    requested: recordEvent(
      ctx,
      { action: 'user.enrolment_code_requested', outcome: 'success', subjectId: userId },
      { pii, onlyIf: isAllowed },
    ),
    mailed: orderMail(ctx, { template: 'enrolment-code', userId, payload, onlyIf: isAllowed }),
  })
  const { counted, accounts } = await unlessRefused(ctx, rateLimit, batch)
  assertWithinLimit(ctx, rateLimit, counted)
  requireEnrolling(enrolment, accounts[0])
  return enrolmentCodeMailed
}
