import type { Context } from '../context.ts'
import { requireKey } from '../core/data-key.ts'
import { AppError } from '../core/errors.ts'
import type { SessionRef } from '../storage/database/live-session.ts'
import { decryptMe, selectMe, type VersionedMe } from './me.ts'

/** Reads the signed-in user: one wait, in which row and key are asked for together. @throws AppError `invalid_access_token` */
export async function getMe(
  { db, vault, now }: Pick<Context, 'db' | 'vault' | 'now'>,
  ref: SessionRef,
): Promise<VersionedMe> {
  const [row, lookup] = await Promise.all([db.first(selectMe(ref, now)), vault.find(ref.userId)])
  if (row === undefined) throw new AppError('invalid_access_token')
  return decryptMe(requireKey(lookup), row)
}
