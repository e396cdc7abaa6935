import type { Context } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import type { UserId } from '../../core/ids.ts'
import { issueTicket, openTicket, type Ticket } from '../../crypto/ticket.ts'
import { findTotpStep, newTotpSecret, totpParameters, totpUri } from '../../crypto/totp.ts'
import type { TotpOffer } from './factors-view.ts'

/** For whom the secret of a ticket was made: a session, or an enrolment without one. */
export type TotpHolder = Ticket<'totp-add'>['holder']

interface NewSecret {
  readonly userId: UserId
  readonly holder: TotpHolder
  /** The name of the account in the authenticator app: its address. */
  readonly account: string
}

/**
 * Makes a secret, and a ticket that holds it. Nothing is stored: until a code confirms the secret, the factor
 * that the account has keeps working.
 */
export async function offerTotpTo(
  { ring, settings, now }: Pick<Context, 'ring' | 'settings' | 'now'>,
  { userId, holder, account }: NewSecret,
): Promise<TotpOffer> {
  const secret = newTotpSecret()
  const { ticket, expiresIn } = await issueTicket({ ring, now }, 'totp-add', { userId, secret, holder })
  return {
    ticket,
    secret,
    uri: totpUri(secret, { issuer: settings.PRODUCT_NAME, account }),
    algorithm: totpParameters.algorithm,
    digits: totpParameters.digits,
    period: totpParameters.periodSeconds,
    expires_in: expiresIn,
  }
}

/** A ticket whose secret was confirmed with a code. It may have been used before: the batch has to ask. */
export interface ConfirmedTotp {
  readonly id: string
  readonly expiresAtMs: number
  /** Base32. */
  readonly secret: string
  /** The time step of the code. No later sign-in takes it or an earlier one. */
  readonly step: number
}

interface Confirmation {
  readonly userId: UserId
  readonly holder: TotpHolder
  readonly ticket: string
  readonly code: string
}

/**
 * Opens a ticket and compares the code with its secret. Nothing counts the attempts: the holder of the ticket
 * has the secret as well, so there is nothing to guess.
 * @throws AppError `invalid_second_factor` for a wrong code, and for a ticket that has expired, or that was
 * made for another user, session or enrolment
 */
export async function confirmTotp(
  { ring, settings, now }: Pick<Context, 'ring' | 'settings' | 'now'>,
  { userId, holder, ticket, code }: Confirmation,
): Promise<ConfirmedTotp> {
  const opened = await openTicket(ring, 'totp-add', ticket, now)
  if (opened === undefined || opened.userId !== userId || !isSame(opened.holder, holder))
    throw new AppError('invalid_second_factor')
  const step = findTotpStep(opened.secret, { code, now, driftSteps: settings.TOTP_DRIFT_STEPS })
  if (step === undefined) throw new AppError('invalid_second_factor')
  return { id: opened.id, expiresAtMs: opened.expiresAtMs, secret: opened.secret, step }
}

const isSame = (one: TotpHolder, other: TotpHolder): boolean =>
  'sessionId' in one
    ? 'sessionId' in other && one.sessionId === other.sessionId
    : 'enrolId' in other && one.enrolId === other.enrolId
