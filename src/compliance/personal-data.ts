import { type SQL, sql } from 'drizzle-orm'
import type { UserId } from '../core/ids.ts'
import { rfc3339, rfc3339OrNull } from '../core/time.ts'
import { deleteRows, type PersonalDataOwner } from '../storage/database/personal-data.ts'
import { findEventsAbout } from './activity/events-about.ts'
import { readDetails, type StoredEvent, showToSubject } from './activity/subject-event.ts'
import { showConsent } from './consents/consent-view.ts'
import { selectConsents } from './consents/list-consents.ts'

/** The records of what was decided, done and asked for. */
export const personalData: PersonalDataOwner = {
  service: 'compliance',
  tables: ['archive_places', 'exports', 'consents', 'audit_events', 'erasures', 'legal_holds'],
  kept: {
    audit_events:
      'The proof of what was done, under a pseudonym that leads nowhere: device details died with the key, and the row leaves when it is archived and old.',
    erasures: 'The proof of the erasure: pseudonym, times, counts and the signed receipt.',
    legal_holds: 'Only blocks a purge, and an operator lifts it; a pseudonym and the reference of a case.',
  },

  async exportPersonalData(ctx, userId, key) {
    const [consents, exports, erasures] = await ctx.db.batch([
      selectConsents(userId),
      selectExports(userId),
      selectErasures(userId),
    ])
    const { events, unreadableSegments } = await findEventsAbout(ctx, userId)
    return {
      consents: consents.map(showConsent),
      exports: exports.map(describeExport),
      erasures: erasures.map(describeErasure),
      events: await Promise.all(events.map((event) => describeEvent(key, userId, event))),
      unreadable_archive_segments: unreadableSegments,
    }
  },

  erasePersonalData: (userId) => [
    deleteRows('archive_places', userId),
    deleteRows('exports', userId),
    deleteRows('consents', userId),
  ],
}

/** An operator's note about a person is that person's data too; it is handed out with an export, not day by day. */
async function describeEvent(key: CryptoKey, userId: UserId, event: StoredEvent) {
  const { note } = await readDetails(key, userId, event.pii_enc)
  return { ...(await showToSubject(key, userId, event)), ...(note !== undefined && { note }) }
}

interface ExportRow {
  readonly id: string
  readonly status: string
  readonly created_at: number
  readonly expires_at: number
}

const selectExports = (userId: UserId): SQL<ExportRow> => sql`
  SELECT id, status, created_at, expires_at FROM exports WHERE user_id = ${userId} ORDER BY created_at`

const describeExport = (row: ExportRow) => ({
  id: row.id,
  status: row.status,
  created_at: rfc3339(row.created_at),
  expires_at: rfc3339(row.expires_at),
})

interface ErasureRow {
  readonly requested_at: number
  readonly due_at: number
  readonly completed_at: number | null
  readonly basis: string
}

const selectErasures = (userId: UserId): SQL<ErasureRow> => sql`
  SELECT requested_at, due_at, completed_at, basis FROM erasures WHERE user_id = ${userId}`

const describeErasure = (row: ErasureRow) => ({
  requested_at: rfc3339(row.requested_at),
  due_at: rfc3339(row.due_at),
  completed_at: rfc3339OrNull(row.completed_at),
  basis: row.basis,
})
