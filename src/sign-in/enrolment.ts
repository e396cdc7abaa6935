import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'
import { openTicket, type Ticket } from '../crypto/ticket.ts'
import { hasStoredFactor } from '../storage/database/second-factors.ts'
import {
  isUnchangedSince,
  type SignInAccount,
  type SignInRow,
  toSignInAccount,
} from '../storage/database/sign-in-account.ts'
import { isUnspent } from '../storage/database/spent-tickets.ts'

/** The right to add the first second factor of an account, without a session. */
export type Enrolment = Ticket<'enrol'>

/** @throws AppError `invalid_token` for a token that this service did not make, or that has expired */
export async function openEnrolment(ctx: Pick<Context, 'ring' | 'now'>, token: string): Promise<Enrolment> {
  const enrolment = await openTicket(ctx.ring, 'enrol', token, ctx.now)
  if (enrolment === undefined) throw new AppError('invalid_token')
  return enrolment
}

/**
 * Whether the mailbox has to be proven as well. A token of a sign-in may be a thief's, who has the password
 * alone. A token of a command or of an operator was handed over to the right person.
 */
export const needsMailCode = ({ by }: Pick<Enrolment, 'by'>): boolean => by === 'sign-in'

/**
 * SQL condition on `users u`: the token is unused, the credentials are those for which it was made, and the
 * account has no second factor, not even a recovery code that was used. So a stolen token cannot replace one.
 */
export const mayEnrol = (enrolment: Enrolment): SQL => sql`
  ${isUnchangedSince(enrolment)} AND ${isUnspent(enrolment)} AND NOT ${hasStoredFactor(sql`u.id`)}`

/** SQL condition: the same, with a proven address where the mailbox has to be proven. */
export const allowsEnrolment = (enrolment: Enrolment): SQL => sql`
  EXISTS (SELECT 1 FROM users u WHERE ${mayEnrol(enrolment)} ${needsMailCode(enrolment) ? sql`AND u.is_verified` : sql``})`

/**
 * Judges the row that was selected under `mayEnrol`.
 * @throws AppError `invalid_token` if there is none; `email_unverified` if a code would be mailed to an
 * address that nobody has proven
 */
export function requireEnrolling(enrolment: Enrolment, row: SignInRow | undefined): SignInAccount {
  if (row === undefined) throw new AppError('invalid_token')
  if (needsMailCode(enrolment) && !row.is_verified) throw new AppError('email_unverified')
  return toSignInAccount(row)
}
