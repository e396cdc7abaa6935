import type { Context } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import { newUserId } from '../../core/ids.ts'
import { requireRelyingParty } from '../../core/relying-party.ts'
import { issueTicket, openTicket } from '../../crypto/ticket.ts'
import { userHandleOf } from '../../crypto/user-handle.ts'
import { newChallenge } from '../../crypto/webauthn-challenge.ts'
import { requireMailSignIn } from '../require-mail-sign-in.ts'
import { describeCreation } from './describe-creation.ts'
import type { PasskeyOffer } from './passkey-views.ts'

/**
 * Begins the first passkey of an account that does not exist yet. Nothing is read or stored. Each offer has a
 * user id of its own, so the data key of an account is created once.
 * @throws AppError `not_found` while `EMAIL_SIGN_IN` is off, `invalid_token`, `misconfigured`
 */
export async function offerFirstPasskey(
  ctx: Pick<Context, 'ring' | 'settings' | 'now'>,
  token: string,
): Promise<PasskeyOffer> {
  requireMailSignIn(ctx)
  const { ring, settings, now } = ctx
  const relyingParty = requireRelyingParty(settings)
  const signUp = await openTicket(ring, 'sign-up', token, now)
  if (signUp === undefined) throw new AppError('invalid_token')
  const [userId, challenge] = [newUserId(), newChallenge()]
  const content = { userId, challenge, signUpId: signUp.id }
  const { ticket, expiresIn } = await issueTicket({ ring, now }, 'passkey-sign-up', content)
  return {
    ticket,
    expires_in: expiresIn,
    public_key: describeCreation({
      challenge,
      relyingParty,
      user: { id: userHandleOf(userId), name: signUp.email, displayName: signUp.profile.full_name ?? signUp.email },
      wanted: { kind: 'passkey', isConditional: false },
      expiresIn,
      known: [],
    }),
  }
}
