import type { Context } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import { LINK_TICKET_MINUTES } from '../../core/lifetimes.ts'
import { type SessionRef, selectLiveSession } from '../../storage/database/live-session.ts'
import { sealTicket } from './flow.ts'
import type { IssuedLinkTicket } from './link-ticket-view.ts'

/**
 * Lets a signed-in user begin to link an identity. The ticket may stand in a URL: another person who follows
 * it ends with a code that only a session of this user can redeem, and that is void when the session that
 * asks here has ended.
 * @throws AppError `not_found`, `invalid_access_token`
 */
export async function issueLinkTicket(
  { db, ring, identityProviders, now }: Pick<Context, 'db' | 'ring' | 'identityProviders' | 'now'>,
  ref: SessionRef,
  provider: string,
): Promise<IssuedLinkTicket> {
  if (!identityProviders.has(provider)) throw new AppError('not_found')
  if ((await db.first(selectLiveSession(ref, now))) === undefined) throw new AppError('invalid_access_token')
  const { userId, sessionId } = ref
  const expiresIn = LINK_TICKET_MINUTES * 60
  const link = await sealTicket(ring, provider, { userId, sessionId, expiresAtMs: now + expiresIn * 1000 })
  return { link, expires_in: expiresIn }
}
