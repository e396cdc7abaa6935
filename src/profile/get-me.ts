import type { Context } from '../context.ts'
import { requireKey } from '../core/data-key.ts'
import { AppError } from '../core/errors.ts'
import type { SessionRef } from '../storage/database/live-session.ts'
import { decryptMe, selectMePrepared, type VersionedMe } from './me.ts'

type Dependencies = Pick<Context, 'db' | 'vault' | 'sessions' | 'now'>

/**
 * Reads the signed-in user. The row and the data key are read in parallel, so there is one wait.
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
 * A lagging replica may still contain an ended session, and the client chooses the bookmark. A thief with the
 * session's token could send an old one. So KV is checked for a tombstone as well.
 */
async function isKnownRevoked({ db, sessions }: Dependencies, { sessionId }: SessionRef): Promise<boolean> {
  return db.mayLag && (await sessions.find(sessionId)) === 'revoked'
}
