import type { Context, Recording, TokenIssuing } from '../../context.ts'
import { requireKey } from '../../core/data-key.ts'
import { requireRelyingParty } from '../../core/relying-party.ts'
import { openTicket } from '../../crypto/ticket.ts'
import type { RegistrationResponse } from '../../crypto/webauthn/responses.ts'
import {
  requireLive,
  type SessionRef,
  selectLiveSession,
  whereSessionLives,
} from '../../storage/database/live-session.ts'
import { spendChallenge } from '../../storage/database/spent-tickets.ts'
import { onlyIfProven } from '../only-if-proven.ts'
import type { PasskeyAdded } from './passkey-views.ts'
import { storePasskey } from './store-passkey.ts'
import { notAccepted, verifyNewPasskey } from './verify-new-passkey.ts'

type Dependencies = Recording & TokenIssuing & Pick<Context, 'vault' | 'locale'>

interface AddedPasskey {
  /** From `offerPasskey`. */
  readonly ticket: string
  readonly response: RegistrationResponse
  /** The name that the owner gives it. */
  readonly label: string | undefined
  /** Undefined: a security key turns two-step sign-in on, a passkey does not. */
  readonly turnsTwoStepOn: boolean | undefined
}

/**
 * Adds a passkey or a security key to the account of the signed-in user. The challenge is used up before the
 * answer is verified, whatever the outcome, so there are two waits. A registration proves nothing about who
 * made it. That is why it needs a recent sign-in, and the owner is mailed.
 * @throws AppError `invalid_access_token`, `step_up_required`, `email_unverified`, `validation_failed` (any
 * failed check, and a ticket that is expired, used, or of another user or session), `passkey_known`,
 * `passkey_limit`, `rate_limited`, `unavailable`, `misconfigured`
 */
export async function addPasskey(ctx: Dependencies, session: SessionRef, input: AddedPasskey): Promise<PasskeyAdded> {
  const { db, now } = ctx
  const ref = onlyIfProven(ctx, session)
  const { userId, sessionId } = ref
  const relyingParty = requireRelyingParty(ctx.settings)
  const opened = await openTicket(ctx.ring, 'passkey-add', input.ticket, now)
  const ticket = opened?.userId === userId && opened.sessionId === sessionId ? opened : undefined
  const [{ live, spent }, lookup] = await Promise.all([
    db.batch({
      live: selectLiveSession(ref, now),
      spent: ticket && spendChallenge(ticket, whereSessionLives(ref, now)),
    }),
    ctx.vault.find(userId),
  ])
  requireLive(ref, live[0], now)
  if (ticket === undefined || spent.length === 0) throw notAccepted()
  const key = requireKey(lookup)
  const verified = await verifyNewPasskey(relyingParty, ticket, input.response)
  if (verified === undefined) throw notAccepted()
  return storePasskey(ctx, ref, {
    key,
    rpId: relyingParty.id,
    ...verified,
    label: input.label,
    turnsTwoStepOn: input.turnsTwoStepOn ?? ticket.kind === 'security_key',
  })
}
