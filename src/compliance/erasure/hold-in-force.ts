import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { UserId } from '../../core/ids.ts'
import { checkSeal } from '../../crypto/event-seal.ts'
import { isReadableEvent, sentEvent } from '../../storage/database/outbox-columns.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'

type Dependencies = Pick<Context, 'db' | 'ring'>

/** The most events about holds of one person that are read. */
const MOST = 1000

/**
 * Whether the newest sealed event about a legal hold of this person asks for one. An attacker who can write
 * the database can delete the row of a hold, but cannot make the event that lifts it. The outcome of an event
 * comes from the database, so it does not count: what an operator asked for last decides. Index
 * `audit_events_subject`.
 */
export async function isHoldInForce({ db, ring }: Dependencies, userId: UserId): Promise<boolean> {
  const rows = await db.all(selectHoldEvents(userId))
  const newest = rows.find((row) => {
    const finding = checkSeal(ring, row)
    return finding.state === 'sealed' && !finding.fromDatabase.includes('subject')
  })
  return newest !== undefined && newest.action !== 'legal_hold.lifted'
}

/** An import may place a hold. */
const selectHoldEvents = (userId: UserId) =>
  withRows(
    sentEvent,
    sql`
      SELECT ${columnsOf(sentEvent)} FROM audit_events
      WHERE subject_id = ${userId} AND ${isReadableEvent} AND typeof(seal) = 'text'
        AND typeof(note_enc) IN ('text', 'null')
        AND (action IN ('legal_hold.placed', 'legal_hold.lifted')
          OR (action = 'user.imported' AND json_valid(detail) AND detail ->> 'legal_hold' = 1))
      ORDER BY id DESC LIMIT ${MOST}`,
  )
