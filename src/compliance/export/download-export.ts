import { sql } from 'drizzle-orm'
import type { Context, Recording } from '../../context.ts'
import { requireKey } from '../../core/data-key.ts'
import { AppError } from '../../core/errors.ts'
import { encryptClient } from '../../storage/database/event-details.ts'
import {
  requireLive,
  type SessionRef,
  selectLiveSession,
  whereSessionLives,
} from '../../storage/database/live-session.ts'
import { recordEvent } from '../../storage/database/outbox.ts'
import { whether } from '../../storage/database/writes.ts'
import { decryptBundle } from './encrypt-bundle.ts'

type Dependencies = Recording & Pick<Context, 'vault' | 'exportStore'>

/**
 * Returns the JSON text of an export that is ready. The bundle is decrypted first. It is returned only if the
 * batch that records the download finds the session active and the export ready.
 * @param exportId UUID
 * @throws AppError `invalid_access_token`, `not_found`, `unavailable`
 */
export async function downloadExport(ctx: Dependencies, ref: SessionRef, exportId: string): Promise<string> {
  const { db, now } = ctx
  const { userId } = ref
  const [lookup, sealed] = await Promise.all([ctx.vault.find(userId), ctx.exportStore.find(userId, exportId)])
  const key = requireKey(lookup)
  const bundle = sealed === undefined ? undefined : await decryptBundle(key, { id: exportId, userId }, sealed)
  const pii = await encryptClient(ctx, lookup, userId)
  const ready = sql`
    SELECT 1 FROM exports WHERE id = ${exportId} AND user_id = ${userId} AND status = 'ready' AND expires_at > ${now}`
  const isHandedOut = sql`${whether(bundle !== undefined)} AND ${whereSessionLives(ref, now)} AND EXISTS (${ready})`
  const { live, found } = await db.batch({
    live: selectLiveSession(ref, now),
    found: ready,
    downloaded: recordEvent(
      ctx,
      { action: 'export.downloaded', outcome: 'success', subjectId: userId, detail: { export_id: exportId } },
      { pii, onlyIf: isHandedOut },
    ),
  })
  requireLive(ref, live[0], now)
  if (found.length === 0 || bundle === undefined) throw new AppError('not_found')
  return bundle
}
