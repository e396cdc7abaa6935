import { sql } from 'drizzle-orm'
import { columnsOf } from '../../storage/database/rows.ts'
import { assignments } from '../../storage/database/writes.ts'
import { deadLetters } from '../../storage/schema/index.ts'
import { toText } from '../shared/d1.ts'

/** Messages by queue and reason. `dropped`: refused events that the table no longer holds. */
export const COUNT_LETTERS = `
  SELECT queue, reason, count(*) AS letters, datetime(min(received_at) / 1000, 'unixepoch') AS oldest_utc,
    sum(replayed_at IS NULL) AS waiting,
    (SELECT count FROM dropped_letters WHERE dropped_letters.reason = dead_letters.reason) AS dropped
  FROM dead_letters GROUP BY queue, reason`

/** The newest events that the archive refused and nobody has settled. */
export const LIST_REFUSED = `
  SELECT id, reason, datetime(received_at / 1000, 'unixepoch') AS received_utc,
    CASE WHEN json_valid(body) THEN json_extract(body, '$.action') END AS action
  FROM dead_letters WHERE reason IS NOT NULL AND replayed_at IS NULL ORDER BY received_at DESC LIMIT 100`

const letter = { id: deadLetters.id, body: deadLetters.body } as const

/** Reads an event that was refused because it is too old. */
export const findOldEvent = (id: string): string =>
  toText(sql`
    SELECT ${columnsOf(letter)} FROM dead_letters WHERE id = ${id} AND reason = 'too_old' AND replayed_at IS NULL`)

/** Makes a refused event a letter that the next replay sends. Returns a row if it was still waiting. */
export const permitEvent = (id: string, body: string): string =>
  toText(sql`
    UPDATE dead_letters SET ${assignments(deadLetters, { body, reason: null })}
    WHERE id = ${id} AND reason = 'too_old' AND replayed_at IS NULL RETURNING ${columnsOf(letter)}`)

/** Settles refused events, and returns a row for each. @param id one of them, or undefined for all */
export const settleEvents = (id: string | undefined): string =>
  toText(sql`
    UPDATE dead_letters SET ${assignments(deadLetters, { replayed_at: sql`unixepoch() * 1000` })}
    WHERE reason IS NOT NULL AND replayed_at IS NULL AND ${id === undefined ? sql`true` : sql`id = ${id}`}
    RETURNING ${columnsOf({ id: deadLetters.id })}`)
