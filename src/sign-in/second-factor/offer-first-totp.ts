import type { Context, Limiting } from '../../context.ts'
import { beginEnrolment } from '../begin-enrolment.ts'
import type { TotpOffer } from './factors-view.ts'
import { offerTotpTo } from './totp-ticket.ts'

/**
 * Begins adding an authenticator app without a session.
 * @throws AppError what `beginEnrolment` throws
 */
export async function offerFirstTotp(ctx: Limiting & Pick<Context, 'settings'>, token: string): Promise<TotpOffer> {
  const { enrolment, email } = await beginEnrolment(ctx, token)
  return offerTotpTo(ctx, { userId: enrolment.userId, holder: { enrolId: enrolment.id }, account: email })
}
