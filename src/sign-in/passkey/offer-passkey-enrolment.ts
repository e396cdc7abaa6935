import type { Context, Limiting } from '../../context.ts'
import { requireRelyingParty } from '../../core/relying-party.ts'
import { issueTicket, type NewPasskey } from '../../crypto/ticket.ts'
import { userHandleOf } from '../../crypto/user-handle.ts'
import { newChallenge } from '../../crypto/webauthn-challenge.ts'
import { beginEnrolment } from '../begin-enrolment.ts'
import { describeCreation } from './describe-creation.ts'
import type { PasskeyOffer } from './passkey-views.ts'

interface OfferedEnrolment {
  readonly enrolmentToken: string
  readonly kind: NewPasskey['kind']
}

/**
 * Begins adding a passkey or a security key without a session.
 * @throws AppError `misconfigured`, and what `beginEnrolment` throws
 */
export async function offerPasskeyEnrolment(
  ctx: Limiting & Pick<Context, 'settings'>,
  { enrolmentToken, kind }: OfferedEnrolment,
): Promise<PasskeyOffer> {
  const relyingParty = requireRelyingParty(ctx.settings)
  const { enrolment, email } = await beginEnrolment(ctx, enrolmentToken)
  const challenge = newChallenge()
  const content = { challenge, kind, enrolId: enrolment.id }
  const { ticket, expiresIn } = await issueTicket(ctx, 'passkey-enrol', content)
  return {
    ticket,
    expires_in: expiresIn,
    public_key: describeCreation({
      challenge,
      relyingParty,
      user: { id: userHandleOf(enrolment.userId), name: email, displayName: email },
      wanted: { kind, isConditional: false },
      expiresIn,
      // The account has none.
      known: [],
    }),
  }
}
