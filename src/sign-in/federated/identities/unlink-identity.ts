import { sql } from 'drizzle-orm'
import type { Context, Recording } from '../../../context.ts'
import { refuseErased } from '../../../core/data-key.ts'
import { AppError } from '../../../core/errors.ts'
import { encryptClient } from '../../../storage/database/event-details.ts'
import {
  requireLive,
  type SessionRef,
  selectLiveSession,
  whereSessionLives,
} from '../../../storage/database/live-session.ts'
import { orderMail, sealMailPayload } from '../../../storage/database/outbox-mail.ts'
import { recorded } from '../../../storage/database/recorded.ts'
import { columnsOf, withRows } from '../../../storage/database/rows.ts'
import { loginId } from '../../../storage/database/social-logins.ts'
import { socialLogins } from '../../../storage/schema/index.ts'
import { hasAnotherWayIn } from '../../ways-to-sign-in.ts'

type Dependencies = Recording & Pick<Context, 'vault' | 'identityProviders' | 'locale' | 'settings'>

const login = { provider: socialLogins.provider } as const

/**
 * Removes a linked identity unless it is the last way to sign in. A password, an identity at a provider that
 * is still configured, or a passkey has to remain. One statement checks this, so of two concurrent requests
 * that would remove the last two, one fails (S5 in docs/requirements.md). The answer is the same for a
 * missing id and for another user's id.
 * @throws AppError `invalid_access_token`, `not_found`, `last_credential`
 */
export async function unlinkIdentity(ctx: Dependencies, ref: SessionRef, id: string): Promise<void> {
  const { db, now } = ctx
  const { userId } = ref
  const isOwn = sql`id = ${id} AND user_id = ${userId}`
  const [lookup, linked] = await Promise.all([
    ctx.vault.find(userId),
    db.first(withRows(login, sql`SELECT ${columnsOf(login)} FROM social_logins WHERE ${isOwn}`)),
  ])
  refuseErased(lookup)
  const provider = linked?.provider ?? ''
  const [pii, payload] = await Promise.all([
    encryptClient(ctx, lookup, userId),
    sealMailPayload(ctx, lookup, { userId, payload: { client: ctx.client, provider } }),
  ])
  const detail = { identity_id: id, provider }
  const unlinked = recorded(
    ctx,
    withRows(
      loginId,
      sql`
        DELETE FROM social_logins WHERE ${isOwn} AND ${whereSessionLives(ref, now)}
          AND ${hasAnotherWayIn(ctx, { userId, identityId: id })}
        RETURNING ${columnsOf(loginId)}`,
    ),
    { action: 'identity.unlinked', outcome: 'success', subjectId: userId, detail },
    { pii },
  )
  const answers = await db.batch({
    live: selectLiveSession(ref, now),
    present: withRows(loginId, sql`SELECT ${columnsOf(loginId)} FROM social_logins WHERE ${isOwn}`),
    unlinked,
    told: orderMail(ctx, { template: 'identity-unlinked', userId, payload, onlyIf: unlinked.happened }),
  })
  requireLive(ref, answers.live[0], now)
  if (answers.present.length === 0) throw new AppError('not_found')
  if (answers.unlinked.length === 0) throw new AppError('last_credential')
}
