import type { Context } from '../context.ts'
import { requireKey } from '../core/data-key.ts'
import { AppError } from '../core/errors.ts'
import type { SessionRef } from '../storage/database/live-session.ts'
import { decryptMe, selectMePrepared, type VersionedMe } from './me.ts'

type Dependencies = Pick<Context, 'db' | 'vault' | 'sessions' | 'now'>

/**
 * Reads the signed-in user: one wait, in which row and key are asked for together.
 * @throws AppError `invalid_access_token`
 */
export async function getMe(ctx: Dependencies, ref: SessionRef): Promise<VersionedMe> {
  const { db, vault, now } = ctx
  const reads = [db.first(selectMePrepared({ ...ref, now })), vault.find(ref.userId), isKnownRevoked(ctx, ref)] as const
  const [row, lookup, isRevoked] = await Promise.all(reads)
  if (row === undefined || isRevoked) throw new AppError('invalid_access_token')
  return decryptMe(requireKey(lookup), row)
}

/**
 * A replica that lags still holds a session that has ended, and whoever took its token may choose an old
 * bookmark.
 */
async function isKnownRevoked({ db, sessions }: Dependencies, { sessionId }: SessionRef): Promise<boolean> {
  return db.mayLag && (await sessions.find(sessionId)) === 'revoked'
}
