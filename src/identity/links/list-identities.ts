import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import { rfc3339 } from '../../core/time.ts'
import { type SessionRef, selectLiveSession } from '../../storage/database/live-session.ts'

/** A way to sign in elsewhere, as its owner sees it. */
export interface ShownIdentity {
  readonly id: string
  /** Its name in the settings. */
  readonly provider: string
  /** RFC 3339. */
  readonly linked_at: string
}

interface LoginRow {
  readonly id: string
  readonly provider: string
  readonly linked_at: number
}

/** The linked identities of the signed-in user, oldest first. Index `social_logins_user`. @throws AppError `invalid_access_token` */
export async function listIdentities(
  { db, now }: Pick<Context, 'db' | 'now'>,
  ref: SessionRef,
): Promise<ShownIdentity[]> {
  const [live, logins] = await db.batch([
    selectLiveSession(ref, now),
    sql<LoginRow>`
      SELECT id, provider, linked_at FROM social_logins WHERE user_id = ${ref.userId} ORDER BY linked_at, id`,
  ])
  if (live.length === 0) throw new AppError('invalid_access_token')
  return logins.map(showLogin)
}

const showLogin = ({ id, provider, linked_at }: LoginRow): ShownIdentity => ({
  id,
  provider,
  linked_at: rfc3339(linked_at),
})
