import { type SQL, sql } from 'drizzle-orm'
import type { Context, Recording } from '../context.ts'
import { requireKey } from '../core/data-key.ts'
import { AppError } from '../core/errors.ts'
import { type ProfileChanges, profileFields } from '../core/profile.ts'
import { encryptClient } from '../storage/database/event-details.ts'
import { type SessionRef, whereSessionLives } from '../storage/database/live-session.ts'
import { encryptProfile, nextVersion } from '../storage/database/profile-row.ts'
import { recorded } from '../storage/database/recorded.ts'
import { columnsOf, withRows } from '../storage/database/rows.ts'
import { assignments } from '../storage/database/writes.ts'
import { userProfiles } from '../storage/schema/index.ts'
import { getMe } from './get-me.ts'
import { decryptMe, selectMe, type VersionedMe } from './me.ts'

type Dependencies = Recording & Pick<Context, 'vault' | 'sessions'>

export interface ProfileUpdate {
  readonly changes: ProfileChanges
  /**
   * The profile versions that the client accepts. The update is refused if the newest version is not among
   * them.
   */
  readonly expectedVersions?: readonly number[] | undefined
}

/**
 * Changes the profile in one batch, which does nothing unless the session is live.
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
    encryptClient(ctx, lookup, ref.userId),
  ])
  const { changed, rows } = await db.batch({
    changed: recorded(
      ctx,
      withRows(
        changedProfile,
        sql`
          UPDATE user_profiles SET ${assignments(userProfiles, { ...sealed, updated_at: nextVersion(now) })}
          WHERE user_id = ${ref.userId} AND ${whereSessionLives(ref, now)}
            ${isExpected(update)}
          RETURNING ${columnsOf(changedProfile)}`,
      ),
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

const changedProfile = { user_id: userProfiles.userId } as const

/** Checks the version of an update without changes. Nothing is recorded then. */
function assertVersion(current: VersionedMe, { expectedVersions }: ProfileUpdate): VersionedMe {
  if (expectedVersions?.includes(current.version) === false) throw new AppError('precondition_failed')
  return current
}

/**
 * SQL: the guard on the version. A header may contain any number of versions, so they are one bound value.
 */
const isExpected = ({ expectedVersions }: ProfileUpdate): SQL =>
  expectedVersions === undefined
    ? sql``
    : sql`AND updated_at IN (SELECT value FROM json_each(${JSON.stringify(expectedVersions)}))`
