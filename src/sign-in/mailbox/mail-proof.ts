import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import type { UserId } from '../../core/ids.ts'
import { blindIndexes } from '../../crypto/blind-index.ts'
import { isMailCode } from '../../crypto/mail-code.ts'
import { readOneTimeToken } from '../../crypto/one-time-token.ts'
import { openTicket, type Ticket } from '../../crypto/ticket.ts'
import { parseEmailAddress } from '../../identity/email/email-address.ts'
import {
  type CodeLockout,
  countCode,
  countersOf,
  isCodeReserved,
  lockoutError,
  signInCodeLockoutFor,
} from '../../rate-limits/code-lockout.ts'
import { type CountRow, clearCounts } from '../../storage/database/counters.ts'
import { isUnspent, takeTicket } from '../../storage/database/spent-tickets.ts'
import { whether } from '../../storage/database/writes.ts'

/** What the browser that asked kept, and what came with the mail. */
export interface GivenProof {
  /** From the answer to the request. */
  readonly request: string
  /** A code that a person typed, or the token of the link that they opened. */
  readonly proof: { readonly code: string } | { readonly token: string }
}

/** A proof of a mailbox that was compared, and not used up yet. */
export interface MailProof {
  readonly ticket: Ticket<'mail-sign-in'>
  /** Blind indexes of the address, one for each root key version. */
  readonly indexes: readonly string[]
  readonly isRight: boolean
  /** Undefined for a link: nobody guesses one, so none is counted. */
  readonly lockout: CodeLockout | undefined
}

/**
 * @param signedIn the user of a step-up
 * @throws AppError `invalid_token` for a request that this service did not make, or that has expired
 */
export async function readMailProof(
  ctx: Pick<Context, 'ring' | 'settings' | 'now'>,
  { request, proof }: GivenProof,
  signedIn?: UserId,
): Promise<MailProof> {
  const { ring } = ctx
  const ticket = await openTicket(ring, 'mail-sign-in', request, ctx.now)
  const email = ticket && parseEmailAddress(ticket.email)
  if (ticket === undefined || email === undefined) throw new AppError('invalid_token')
  const [indexes, lockout, isRight] = await Promise.all([
    blindIndexes(ring, 'emailIndex', email.canonical),
    'code' in proof
      ? signInCodeLockoutFor(ctx, { request: ticket.id, by: signedIn ? { user: signedIn } : { email } })
      : undefined,
    'code' in proof
      ? isMailCode(ring, ticket.id, proof.code)
      : readOneTimeToken(ring, 'signin', proof.token).then((id) => id === ticket.id),
  ])
  return { ticket, indexes, lockout, isRight }
}

/**
 * The steps that count a typed code and use the request up, if the proof is right and was not refused. The
 * proof was compared before, but nobody learns the outcome of an attempt that was not counted.
 * @param onlyIf SQL condition: the attempt may be made
 */
export function takeMailProof({ ticket, lockout, isRight }: MailProof, now: number, onlyIf: SQL) {
  const isWithin = lockout ? sql`${onlyIf} AND ${isCodeReserved(lockout)}` : onlyIf
  const isTaken = sql`${isWithin} AND ${whether(isRight)} AND ${isUnspent(ticket)}`
  return {
    reserved: lockout && countCode(lockout, now, onlyIf),
    /** SQL condition, after `reserved` and before `taken`: the batch uses the request up. */
    isTaken,
    taken: takeTicket(ticket, isTaken),
    // A right code of this request, so nobody guessed it.
    forgotten: lockout && clearCounts(countersOf(lockout), sql`${whether(isRight)} AND NOT ${isUnspent(ticket)}`),
  }
}

/**
 * @returns the error for codes that are locked out; undefined for a code that was compared, and for a link
 */
export const lockedOut = (
  { lockout }: MailProof,
  { now, counted }: { readonly now: number; readonly counted: readonly CountRow[] },
): AppError | undefined => lockout && lockoutError(lockout, { now, counted })
