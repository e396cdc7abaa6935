import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import { requireRelyingParty } from '../../core/relying-party.ts'
import { issueTicket } from '../../crypto/ticket.ts'
import { newChallenge } from '../../crypto/webauthn-challenge.ts'
import { requireLive, type SessionRef, selectAtAnyLevel, standingFor } from '../../storage/database/live-session.ts'
import { describeRequest } from '../describe-passkey-request.ts'
import { describePasskeys, offeredPasskeys } from '../passkey-descriptors.ts'
import type { PasskeyRequestOffer } from './passkey-views.ts'

type Dependencies = Pick<Context, 'db' | 'vault' | 'ring' | 'settings' | 'now'>

/**
 * Begins a step-up with a passkey. Nothing is stored. The passkeys and the data key are read in parallel.
 * User verification is preferred and not required, because a security key may have none.
 * @throws AppError `invalid_access_token`, `no_factor` without a passkey, `misconfigured`
 */
export async function offerPasskeyStepUp(ctx: Dependencies, caller: SessionRef): Promise<PasskeyRequestOffer> {
  const { userId, sessionId } = caller
  const relyingParty = requireRelyingParty(ctx.settings)
  const ref = { userId, sessionId }
  const members = { ...standingFor(ref, ctx.now), offered: offeredPasskeys(sql`users.id`, relyingParty.id) } as const
  const [row, lookup] = await Promise.all([
    ctx.db.first(selectAtAnyLevel(ref, members, ctx.now)),
    ctx.vault.find(userId),
  ])
  const { offered } = requireLive(ref, row, ctx.now)
  if (offered.length === 0) throw new AppError('no_factor')
  const challenge = newChallenge()
  const { ticket, expiresIn } = await issueTicket(ctx, 'passkey-step-up', { userId, sessionId, challenge })
  return {
    ticket,
    expires_in: expiresIn,
    public_key: describeRequest({
      challenge,
      relyingParty,
      userVerification: 'preferred',
      expiresIn,
      passkeys: await describePasskeys(offered, { userId, lookup }),
    }),
  }
}
