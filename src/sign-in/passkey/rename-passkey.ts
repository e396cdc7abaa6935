import { sql } from 'drizzle-orm'
import type { Context, Recording } from '../../context.ts'
import { requireKey } from '../../core/data-key.ts'
import { AppError } from '../../core/errors.ts'
import { rpIdOf } from '../../core/relying-party.ts'
import { encryptClient } from '../../storage/database/event-details.ts'
import {
  requireLive,
  type SessionRef,
  selectLiveSession,
  whereSessionLives,
} from '../../storage/database/live-session.ts'
import { isKept, openPasskeyDetails, sealPasskeyDetails } from '../../storage/database/passkeys.ts'
import { recorded } from '../../storage/database/recorded.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { assignments } from '../../storage/database/writes.ts'
import { passkeys } from '../../storage/schema/index.ts'
import { type Passkey, shownPasskey, showPasskey } from '../passkey-view.ts'

type Dependencies = Recording & Pick<Context, 'vault' | 'settings'>

interface Renamed {
  readonly id: string
  readonly label: string
}

/**
 * Gives a passkey another name. The name is part of the encrypted details, whose other members never change,
 * so the last one of several requests decides.
 * @throws AppError `invalid_access_token`, `not_found`, `unavailable`
 */
export async function renamePasskey(ctx: Dependencies, ref: SessionRef, { id, label }: Renamed): Promise<Passkey> {
  const { db, now } = ctx
  const { userId } = ref
  const isOwn = sql`passkeys.id = ${id} AND passkeys.user_id = ${userId} AND ${isKept}`
  const [{ live, found }, lookup] = await Promise.all([
    db.batch({
      live: selectLiveSession(ref, now),
      found: withRows(shownPasskey, sql`SELECT ${columnsOf(shownPasskey)} FROM passkeys WHERE ${isOwn}`),
    }),
    ctx.vault.find(userId),
  ])
  requireLive(ref, live[0], now)
  const [row] = found
  if (row === undefined || row.details_enc === null) throw new AppError('not_found')
  const key = requireKey(lookup)
  const place = { passkeyId: id, userId }
  const details = { ...(await openPasskeyDetails(key, place, row.details_enc)), label }
  const change = { details_enc: await sealPasskeyDetails(key, place, details) }
  const { renamed } = await db.batch({
    renamed: recorded(
      ctx,
      withRows(
        shownPasskey,
        sql`
          UPDATE passkeys SET ${assignments(passkeys, change)}
          WHERE ${isOwn} AND ${whereSessionLives(ref, now)} RETURNING ${columnsOf(shownPasskey)}`,
      ),
      { action: 'passkey.renamed', outcome: 'success', subjectId: userId, detail: { passkey_id: id } },
      { pii: await encryptClient(ctx, lookup, userId) },
    ),
  })
  const [changed] = renamed
  if (changed === undefined) throw new AppError('not_found')
  return showPasskey(changed, { userId, lookup, rpId: rpIdOf(ctx.settings) })
}
