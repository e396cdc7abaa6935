import { type SQL, sql } from 'drizzle-orm'
import type { UserId } from '../core/ids.ts'
import { rfc3339, rfc3339OrNull } from '../core/time.ts'
import type { Row } from '../storage/database/members.ts'
import { deleteRows, type PersonalDataOwner, ROWS_PER_SLICE } from '../storage/database/personal-data.ts'
import { columnsOf, withRows } from '../storage/database/rows.ts'
import type { Statement } from '../storage/database/statement.ts'
import { erasures, exports } from '../storage/schema/index.ts'
import { showConsent } from './consents/consent-view.ts'
import { selectConsents } from './consents/list-consents.ts'

/** The audit events, consents, exports and erasures of a person. */
export const compliancePersonalData: PersonalDataOwner = {
  service: 'compliance',
  tables: ['activity_bundles', 'archive_places', 'exports', 'consents', 'audit_events', 'erasures', 'legal_holds'],
  kept: {
    audit_events:
      'Deleted by the purge in a step of its own, after they were archived. In events about other people, in which the person acted, the ids are removed. The archive keeps the events under pseudonyms whose key is destroyed.',
    erasures: 'The proof of the erasure: a pseudonym, days, counts and the signed receipt.',
    legal_holds:
      'Only blocks a purge until an operator lifts it. The row holds a pseudonym and the reference of a case.',
  },

  async exportPersonalData(ctx, userId, key) {
    const held = await ctx.db.batch({
      consents: selectConsents(userId),
      exports: selectExports(userId),
      erasures: selectErasures(userId),
    })
    // An isolate loads what reads archive and bundles when it builds its first export.
    const { findEventsAbout } = await import('./activity/events-about.ts')
    const { describeArchive } = await import('./activity/describe-archive.ts')
    const { events, incompleteBundles, unreadableSegments } = await findEventsAbout(ctx, userId, key)
    return {
      consents: held.consents.map(showConsent),
      exports: held.exports.map(describeExport),
      erasures: held.erasures.map(describeErasure),
      events,
      archive: await describeArchive(ctx, userId, events),
      incomplete_activity_bundles: incompleteBundles,
      unreadable_archive_segments: unreadableSegments,
    }
  },

  erasePersonalData: (userId) => [
    { table: 'activity_bundles', statement: deleteBundles(userId) },
    deleteRows('archive_places', userId),
    deleteRows('exports', userId),
    deleteRows('consents', userId),
  ],
}

/** The table has no rowid. A person has 13 bundles for each year. */
const deleteBundles = (userId: UserId): SQL => sql`
  DELETE FROM activity_bundles WHERE (user_id, period) IN (
    SELECT user_id, period FROM activity_bundles WHERE user_id = ${userId} LIMIT ${ROWS_PER_SLICE})`

const exportRow = {
  id: exports.id,
  status: exports.status,
  created_at: exports.createdAt,
  expires_at: exports.expiresAt,
} as const

const selectExports = (userId: UserId): Statement<Row<typeof exportRow>> =>
  withRows(exportRow, sql`SELECT ${columnsOf(exportRow)} FROM exports WHERE user_id = ${userId} ORDER BY created_at`)

const describeExport = (row: Row<typeof exportRow>) => ({
  id: row.id,
  status: row.status,
  created_at: rfc3339(row.created_at),
  expires_at: rfc3339(row.expires_at),
})

const erasureRow = {
  requested_at: erasures.requestedAt,
  due_at: erasures.dueAt,
  completed_at: erasures.completedAt,
  basis: erasures.basis,
} as const

const selectErasures = (userId: UserId): Statement<Row<typeof erasureRow>> =>
  withRows(erasureRow, sql`SELECT ${columnsOf(erasureRow)} FROM erasures WHERE user_id = ${userId}`)

const describeErasure = (row: Row<typeof erasureRow>) => ({
  requested_at: rfc3339(row.requested_at),
  due_at: rfc3339(row.due_at),
  completed_at: rfc3339OrNull(row.completed_at),
  basis: row.basis,
})
