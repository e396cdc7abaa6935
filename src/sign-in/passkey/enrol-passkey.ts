import { type SQL, sql } from 'drizzle-orm'
import type { Limiting } from '../../context.ts'
import { requireKey } from '../../core/data-key.ts'
import { AppError } from '../../core/errors.ts'
import { requireRelyingParty } from '../../core/relying-party.ts'
import { openTicket, type Ticket } from '../../crypto/ticket.ts'
import type { RegistrationResponse } from '../../crypto/webauthn/responses.ts'
import {
  assertWithinLimit,
  countAndRecord,
  prepareRateLimit,
  type RateLimit,
  unlessRefused,
} from '../../rate-limits/rate-limit.ts'
import type { SessionDependencies } from '../../sessions/start-session.ts'
import { isKnownCredential } from '../../storage/database/passkeys.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import { isUnspent, spendChallenge, spendTicket } from '../../storage/database/spent-tickets.ts'
import type { SignIn } from '../describe-sign-in.ts'
import { allowsEnrolment, type Enrolment, openEnrolment } from '../enrolment.ts'
import { finishEnrolment } from '../finish-enrolment.ts'
import { proveEnrolmentMailbox } from '../prove-enrolment-mailbox.ts'
import { canMailOwner, tooManyNewPasskeys } from './passkey-notice.ts'
import type { PasskeyAdded } from './passkey-views.ts'
import { stagePasskey } from './stage-passkey.ts'
import { notAccepted, type VerifiedCredential, verifyNewPasskey } from './verify-new-passkey.ts'

type Dependencies = SessionDependencies & Limiting

interface PasskeyEnrolment {
  readonly enrolmentToken: string
  /** From `offerPasskeyEnrolment`. */
  readonly ticket: string
  readonly response: RegistrationResponse
  /** The name that the owner gives it. */
  readonly label: string | undefined
  /** From the mail. Only a token of a sign-in needs it. */
  readonly mailCode: string | undefined
}

/** A sign-in that waited for the factor, or the passkey alone: then the person signs in. */
export type EnrolledPasskey =
  | ({ readonly kind: 'signed-in' } & SignIn)
  | { readonly kind: 'added'; readonly view: PasskeyAdded }

/**
 * Adds a passkey or a security key without a session, to an account that has no second factor and needs one.
 * Two-step sign-in is on afterwards.
 *
 * The registration is judged first, and the batch that stores the passkey uses its challenge up. So a wrong
 * mailed code leaves the passkey that the authenticator has just made usable for the next attempt. A
 * registration that is not accepted uses the challenge up at once.
 * @throws AppError `invalid_token`, `validation_failed` (any failed check, and a ticket that is expired,
 * used, or of another token), `invalid_mail_code`, `passkey_known`, `email_unverified`, `rate_limited` (also
 * for wrong mailed codes), `unavailable`, `misconfigured`, and what `completeSignIn` throws
 */
export async function enrolPasskey(ctx: Dependencies, input: PasskeyEnrolment): Promise<EnrolledPasskey> {
  const relyingParty = requireRelyingParty(ctx.settings)
  const enrolment = await openEnrolment(ctx, input.enrolmentToken)
  const { userId } = enrolment
  const ticket = await openTicket(ctx.ring, 'passkey-enrol', input.ticket, ctx.now)
  if (ticket?.enrolId !== enrolment.id) throw notAccepted()
  const wanted = { challenge: ticket.challenge, kind: ticket.kind, isConditional: false }
  const verified = await verifyNewPasskey(relyingParty, wanted, input.response)
  const rateLimit = await prepareRateLimit(ctx, 'second-factor', {})
  if (verified === undefined) throw await refuseRegistration(ctx, { enrolment, ticket, rateLimit })
  const pendingKey = ctx.vault.find(userId)
  const { account, read } = await proveEnrolmentMailbox(ctx, {
    ...{ enrolment, mailCode: input.mailCode, rateLimit, pendingKey },
    reading: selectObstacles(enrolment, { ticket, verified, now: ctx.now }),
  })
  const [obstacles] = read
  if (obstacles?.is_spent) throw notAccepted()
  if (obstacles?.is_known) throw new AppError('passkey_known')
  if (obstacles?.can_mail_owner === false) throw tooManyNewPasskeys()
  const passkey = await stagePasskey(ctx, {
    passkey: { userId, key: requireKey(await pendingKey), rpId: relyingParty.id, ...verified, label: input.label },
    turnsOn: true,
    keptSession: undefined,
  })
  const { id: passkeyId, isDone, codes, steps, show } = passkey
  const challenge = { id: ticket.challenge, expiresAtMs: ticket.expiresAtMs }
  const factor = {
    isDone,
    codes,
    steps: (mayAdd: SQL) => [...steps(sql`${mayAdd} AND ${isUnspent(challenge)}`), spendTicket(challenge, isDone)],
  }
  const finished = { enrolment, factor, method: 'pop', passkeyId, account, rateLimit, pendingKey } as const
  const result = await finishEnrolment(ctx, finished)
  return result.kind === 'added' ? { kind: 'added', view: await show() } : result
}

interface JudgedRegistration {
  readonly ticket: Ticket<'passkey-enrol'>
  readonly verified: VerifiedCredential
  readonly now: number
}

function selectObstacles({ userId }: Enrolment, { ticket, verified: { registered }, now }: JudgedRegistration) {
  const members = {
    is_spent: computed.flag(sql`NOT ${isUnspent({ id: ticket.challenge })}`),
    is_known: computed.flag(isKnownCredential(registered.credentialId)),
    can_mail_owner: computed.flag(canMailOwner(userId, now)),
  } as const
  return withRows(members, sql`SELECT ${columnsOf(members)}`)
}

interface RefusedRegistration {
  readonly enrolment: Enrolment
  readonly ticket: Ticket<'passkey-enrol'>
  readonly rateLimit: RateLimit
}

/** Uses the challenge up. @returns the error to throw */
async function refuseRegistration(
  ctx: Dependencies,
  { enrolment, ticket, rateLimit }: RefusedRegistration,
): Promise<AppError> {
  const batch = ctx.db.batch({
    ...countAndRecord(ctx, rateLimit),
    spent: spendChallenge(ticket, sql`${rateLimit.isWithinLimit} AND ${allowsEnrolment(enrolment)}`),
  })
  const { counted } = await unlessRefused(ctx, rateLimit, batch)
  assertWithinLimit(ctx, rateLimit, counted)
  return notAccepted()
}
