import type { Context } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import { LINK_TICKET_MINUTES } from '../../core/lifetimes.ts'
import { requireLive, type SessionRef, selectLiveSession } from '../../storage/database/live-session.ts'
import { sealLinkTicket } from './flow.ts'
import type { IssuedLinkTicket } from './link-ticket-view.ts'

/**
 * Issues a ticket with which a signed-in user starts to link an identity. The ticket may be part of a URL. If
 * another person follows that URL, the resulting code is of no use to them: only a session of this user can
 * redeem it, and it is void once the session that requested the ticket has ended.
 * @throws AppError `not_found`, `invalid_access_token`
 */
export async function issueLinkTicket(
  { db, ring, identityProviders, now }: Pick<Context, 'db' | 'ring' | 'identityProviders' | 'now'>,
  ref: SessionRef,
  provider: string,
): Promise<IssuedLinkTicket> {
  if (!identityProviders.has(provider)) throw new AppError('not_found')
  requireLive(ref, await db.first(selectLiveSession(ref, now)), now)
  const { userId, sessionId } = ref
  const expiresIn = LINK_TICKET_MINUTES * 60
  const link = await sealLinkTicket(ring, provider, { userId, sessionId, expiresAtMs: now + expiresIn * 1000 })
  return { link, expires_in: expiresIn }
}
