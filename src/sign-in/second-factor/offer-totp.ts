import type { Context } from '../../context.ts'
import { requireKey } from '../../core/data-key.ts'
import { requireLive, type SessionRef, selectAtAnyLevel, standingFor } from '../../storage/database/live-session.ts'
import { decryptEmail } from '../../storage/database/users.ts'
import { users } from '../../storage/schema/index.ts'
import { onlyIfProven } from '../only-if-proven.ts'
import type { TotpOffer } from './factors-view.ts'
import { offerTotpTo } from './totp-ticket.ts'

type Dependencies = Pick<Context, 'db' | 'vault' | 'ring' | 'settings' | 'now'>

/**
 * Begins adding or replacing the authenticator app of the signed-in user. The session and the data key are
 * read in parallel, so there is one wait.
 * @throws AppError `invalid_access_token`, `step_up_required`, `email_unverified`, `unavailable`
 */
export async function offerTotp(ctx: Dependencies, session: SessionRef): Promise<TotpOffer> {
  const { db, vault, now } = ctx
  const ref = onlyIfProven(ctx, session)
  const { userId, sessionId } = ref
  const members = { ...standingFor(ref, now), email_enc: users.emailEnc } as const
  const [row, lookup] = await Promise.all([db.first(selectAtAnyLevel(ref, members, now)), vault.find(userId)])
  const { email_enc } = requireLive(ref, row, now)
  const account = await decryptEmail(requireKey(lookup), userId, email_enc)
  return offerTotpTo(ctx, { userId, holder: { sessionId }, account })
}
