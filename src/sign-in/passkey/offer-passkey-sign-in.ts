import type { Context } from '../../context.ts'
import { TICKET_MINUTES } from '../../core/lifetimes.ts'
import { requireRelyingParty } from '../../core/relying-party.ts'
import { sealTicket } from '../../crypto/ticket.ts'
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
  const expiresIn = TICKET_MINUTES['passkey-sign-in'] * 60
  const content = { id: crypto.randomUUID(), challenge, expiresAtMs: ctx.now + expiresIn * 1000 }
  return {
    ticket: await sealTicket(ctx.ring, 'passkey-sign-in', content),
    expires_in: expiresIn,
    public_key: describeRequest({ challenge, relyingParty, userVerification: 'required', expiresIn, passkeys: [] }),
  }
}
