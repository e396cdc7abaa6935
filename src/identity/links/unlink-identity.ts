import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { refuseErased } from '../../core/data-key.ts'
import { AppError } from '../../core/errors.ts'
import { type SessionRef, selectLiveSession, whereSessionLives } from '../../storage/database/live-session.ts'
import { encryptClient, previousChangedARow, recordEvent } from '../../storage/outbox.ts'
import { orderMail, sealMailPayload } from '../../storage/outbox-mail.ts'

type Dependencies = Pick<
  Context,
  'db' | 'vault' | 'identityProviders' | 'actor' | 'client' | 'requestId' | 'now' | 'locale' | 'outbox'
>

/**
 * Removes a way to sign in, unless it is the last: a password, or an identity at a provider that is still configured,
 * has to remain. One statement decides, so of two that remove the last two at once one fails (SECURITY.md S5). A foreign
 * id and a missing one are the same. @throws AppError `invalid_access_token`, `not_found`, `last_credential`
 */
export async function unlinkIdentity(ctx: Dependencies, ref: SessionRef, id: string): Promise<void> {
  const { db, now } = ctx
  const { userId } = ref
  const isOwn = sql`id = ${id} AND user_id = ${userId}`
  const [lookup, login] = await Promise.all([
    ctx.vault.find(userId),
    db.first(sql<{ provider: string }>`SELECT provider FROM social_logins WHERE ${isOwn}`),
  ])
  refuseErased(lookup)
  const provider = login?.provider ?? ''
  const [pii, payload] = await Promise.all([
    encryptClient(lookup, userId, ctx.client),
    sealMailPayload(lookup, userId, { client: ctx.client, provider }),
  ])
  const detail = { identity_id: id, provider }
  const [live, present, deleted] = await db.batch([
    selectLiveSession(ref, now),
    sql`SELECT id FROM social_logins WHERE ${isOwn}`,
    sql`
      DELETE FROM social_logins WHERE ${isOwn} AND ${whereSessionLives(ref, now)}
        AND (EXISTS (SELECT 1 FROM credentials WHERE user_id = ${userId} AND password_hash IS NOT NULL)
          OR EXISTS (SELECT 1 FROM social_logins other WHERE other.user_id = ${userId} AND other.id <> ${id}
            AND other.provider IN ${[...ctx.identityProviders.keys(), '']}))
      RETURNING id`,
    recordEvent(
      ctx,
      { action: 'identity.unlinked', outcome: 'success', subjectId: userId, detail },
      { pii, onlyIf: previousChangedARow },
    ),
    orderMail(ctx, { template: 'identity-unlinked', userId, payload, onlyIf: previousChangedARow }),
  ])
  if (live.length === 0) throw new AppError('invalid_access_token')
  if (present.length === 0) throw new AppError('not_found')
  if (deleted.length === 0) throw new AppError('last_credential')
}
