import { sql } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import { AppError } from '../../../core/errors.ts'
import { type SessionRef, selectLiveSession } from '../../../storage/database/live-session.ts'
import { columnsOf, withRows } from '../../../storage/database/rows.ts'
import { socialLogins } from '../../../storage/schema/index.ts'
import { type IdentityList, showIdentity } from './identity-view.ts'

const login = { id: socialLogins.id, provider: socialLogins.provider, linked_at: socialLogins.linkedAt } as const

/**
 * The linked identities of the signed-in user, oldest first. Index `social_logins_user`.
 * @throws AppError `invalid_access_token`
 */
export async function listIdentities({ db, now }: Pick<Context, 'db' | 'now'>, ref: SessionRef): Promise<IdentityList> {
  const { live, logins } = await db.batch({
    live: selectLiveSession(ref, now),
    logins: withRows(
      login,
      sql`SELECT ${columnsOf(login)} FROM social_logins WHERE user_id = ${ref.userId} ORDER BY linked_at, id`,
    ),
  })
  if (live.length === 0) throw new AppError('invalid_access_token')
  return { identities: logins.map(showIdentity) }
}
