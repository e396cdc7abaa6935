import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'
import { issueTicket } from '../crypto/ticket.ts'
import { recordEvent } from '../storage/database/outbox.ts'
import { columnsOf, withRows } from '../storage/database/rows.ts'
import { hasStoredFactor } from '../storage/database/second-factors.ts'
import { mayBeNamed } from '../storage/database/users.ts'
import { users } from '../storage/schema/index.ts'
import type { AccountOperation } from './change-account.ts'
import type { EnrolmentToken } from './enrolment-token-view.ts'
import { type Operating, operatorDetail, sealNote } from './operation.ts'
import { selectAccount } from './select-account.ts'

type Dependencies = Operating & Pick<Context, 'vault' | 'ring' | 'settings'>

const enrolledUser = { id: users.id, security_epoch: users.securityEpoch } as const

/**
 * Makes a token with which a person adds the first second factor, without a session and without a mailed
 * code. The operator hands it over after checking the identity of the person. Only where no mail leaves:
 * elsewhere the code in the mail proves the mailbox, and an operator cannot add a factor to an account that
 * is not theirs. Nothing is stored but the event; the token is used up when a factor is added.
 * @throws AppError `not_found`, `unavailable`, `state_conflict` where mail leaves, and for an account that is
 * not active or has a second factor
 */
export async function makeEnrolmentToken(ctx: Dependencies, operation: AccountOperation): Promise<EnrolmentToken> {
  const { userId } = operation
  const note = await sealNote(ctx, operation)
  const isAllowed: SQL = sql`
    ${ctx.settings.MAIL_TRANSPORT === 'off' ? sql`true` : sql`false`} AND users.status = 'active' AND NOT ${hasStoredFactor(sql`users.id`)}`
  const enrolled = sql`FROM users WHERE id = ${userId} AND ${isAllowed}`
  const { allowed, account } = await ctx.db.batch({
    allowed: withRows(enrolledUser, sql`SELECT ${columnsOf(enrolledUser)} ${enrolled}`),
    record: recordEvent(
      ctx,
      {
        action: 'factors.enrolment_token_made',
        outcome: 'success',
        subjectId: userId,
        detail: operatorDetail(ctx, operation),
      },
      {
        note,
        namesSubjectIf: mayBeNamed(userId),
        outcome: sql`CASE WHEN EXISTS (SELECT 1 ${enrolled}) THEN 'success' ELSE 'failure' END`,
      },
    ),
    account: selectAccount(userId),
  })
  if (account.length === 0) throw new AppError('not_found')
  const [user] = allowed
  if (user === undefined) throw new AppError('state_conflict')
  const content = { userId, amr: [], authTimeMs: 0, epoch: user.security_epoch, by: 'operator' } as const
  const { ticket, expiresIn } = await issueTicket(ctx, 'enrol', content)
  return { enrolment_token: ticket, expires_in: expiresIn }
}
