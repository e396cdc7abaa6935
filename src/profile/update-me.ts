import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { requireKey } from '../core/data-key.ts'
import { AppError } from '../core/errors.ts'
import { type ProfileChanges, profileFields } from '../core/profile.ts'
import { type SessionRef, whereSessionLives } from '../storage/database/live-session.ts'
import { encryptProfile } from '../storage/database/profile-row.ts'
import { recorded } from '../storage/database/recorded.ts'
import { assignments } from '../storage/database/writes.ts'
import { encryptClient } from '../storage/outbox.ts'
import { userProfiles } from '../storage/schema.ts'
import { getMe } from './get-me.ts'
import { decryptMe, selectMe, type VersionedMe } from './me.ts'

type Dependencies = Pick<Context, 'db' | 'vault' | 'sessions' | 'actor' | 'client' | 'requestId' | 'now' | 'outbox'>

export interface ProfileUpdate {
  readonly changes: ProfileChanges
  /** The version that the client has seen; the update is refused when it is no longer the newest. */
  readonly expectedVersion?: number | undefined
}

/**
 * Changes the profile, in one batch that acts only while the session lives.
 * @throws AppError `invalid_access_token`, `precondition_failed`, `unavailable`
 */
export async function updateMe(ctx: Dependencies, ref: SessionRef, update: ProfileUpdate): Promise<VersionedMe> {
  const fields = profileFields.filter((field) => update.changes[field] !== undefined)
  if (fields.length === 0) return assertVersion(await getMe(ctx, ref), update)
  const { db, now } = ctx
  const lookup = await ctx.vault.find(ref.userId)
  const key = requireKey(lookup)
  const [sealed, pii] = await Promise.all([
    encryptProfile(key, ref.userId, update.changes),
    encryptClient(lookup, ref.userId, ctx.client),
  ])
  const { changed, rows } = await db.batch({
    changed: recorded(
      ctx,
      sql`
        UPDATE user_profiles SET ${assignments(userProfiles, { ...sealed, updated_at: sql`max(${now}, updated_at + 1)` })}
        WHERE user_id = ${ref.userId} AND ${whereSessionLives(ref, now)}
          AND updated_at = ${update.expectedVersion ?? sql`updated_at`}
        RETURNING user_id`,
      { action: 'profile.updated', outcome: 'success', subjectId: ref.userId, detail: { fields } },
      { pii },
    ),
    rows: selectMe(ref, now),
  })
  const [row] = rows
  if (row === undefined) throw new AppError('invalid_access_token')
  if (changed.length === 0) throw new AppError('precondition_failed')
  return decryptMe(key, row)
}

/** Nothing to change is nothing to record. */
function assertVersion(current: VersionedMe, { expectedVersion }: ProfileUpdate): VersionedMe {
  if (expectedVersion !== undefined && expectedVersion !== current.version) throw new AppError('precondition_failed')
  return current
}
