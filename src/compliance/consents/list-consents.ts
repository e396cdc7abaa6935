import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import type { UserId } from '../../core/ids.ts'
import { type ConsentRow, consentRow } from '../../storage/database/consent-row.ts'
import { type SessionRef, selectLiveSession } from '../../storage/database/live-session.ts'
import type { Row } from '../../storage/database/members.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import type { Statement } from '../../storage/database/statement.ts'
import { consents } from '../../storage/schema/index.ts'
import { type ConsentLedger, showConsent } from './consent-view.ts'

/** The last row of the previous page. */
interface ConsentCursor {
  readonly atMs: number
  readonly id: string
}

const PAGE = 100

/**
 * Lists the decisions of the signed-in person, with a page of the history.
 * @throws AppError `invalid_access_token`
 */
export async function listConsents(
  { db, now }: Pick<Context, 'db' | 'now'>,
  ref: SessionRef,
  cursor?: ConsentCursor,
): Promise<ConsentLedger> {
  const { live, newest, rows } = await db.batch({
    live: selectLiveSession(ref, now),
    newest: selectNewest(ref.userId),
    rows: selectPage(ref.userId, cursor),
  })
  if (live.length === 0) throw new AppError('invalid_access_token')
  const page = rows.slice(0, PAGE)
  const last = rows.length > PAGE ? page.at(-1) : undefined
  return {
    consents: newest.map(showConsent),
    history: page.map(showConsent),
    next_cursor: last === undefined ? null : `${last.decided_at}.${last.id}`,
  }
}

/**
 * Selects the newest decision about each document: SQLite returns the row of the group that has the maximum.
 */
const selectNewest = (userId: UserId): Statement<ConsentRow> =>
  withRows(
    consentRow,
    sql`
      SELECT ${columnsOf(consentRow)} FROM consents
      WHERE user_id = ${userId} GROUP BY document HAVING max(decided_at) >= 0 ORDER BY decided_at DESC`,
  )

const pageRow = { ...consentRow, id: consents.id } as const

const selectPage = (userId: UserId, cursor: ConsentCursor | undefined): Statement<Row<typeof pageRow>> =>
  withRows(
    pageRow,
    sql`
      SELECT ${columnsOf(pageRow)} FROM consents
      WHERE user_id = ${userId} ${cursor ? sql`AND (decided_at, id) < (${cursor.atMs}, ${cursor.id})` : sql``}
      ORDER BY decided_at DESC, id DESC LIMIT ${PAGE + 1}`,
  )

/** Selects a person's whole ledger, newest first. Index `consents_user`. */
export const selectConsents = (userId: UserId): Statement<ConsentRow> =>
  withRows(
    consentRow,
    sql`
      SELECT ${columnsOf(consentRow)} FROM consents
      WHERE user_id = ${userId} ORDER BY decided_at DESC, id DESC`,
  )
