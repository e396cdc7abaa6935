import type { Context } from '../../context.ts'
import { requireRelyingParty } from '../../core/relying-party.ts'
import { issueTicket } from '../../crypto/ticket.ts'
import { newChallenge } from '../../crypto/webauthn-challenge.ts'
import { describeRequest } from '../describe-passkey-request.ts'
import type { PasskeyRequestOffer } from './passkey-views.ts'

/**
 * Begins a sign-in with a passkey. Nothing is read or stored, and nobody is named: the answer is alike for
 * everybody. The browser shows the passkeys of its user.
 * @throws AppError `misconfigured`
 */
export async function offerPasskeySignIn(
  ctx: Pick<Context, 'ring' | 'settings' | 'now'>,
): Promise<PasskeyRequestOffer> {
  const relyingParty = requireRelyingParty(ctx.settings)
  const challenge = newChallenge()
  const { ticket, expiresIn } = await issueTicket(ctx, 'passkey-sign-in', { challenge })
  return {
    ticket,
    expires_in: expiresIn,
    public_key: describeRequest({ challenge, relyingParty, userVerification: 'required', expiresIn, passkeys: [] }),
  }
}
