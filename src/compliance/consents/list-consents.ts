import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import type { UserId } from '../../core/ids.ts'
import { type ConsentRow, consentRow } from '../../storage/database/consent-row.ts'
import { type SessionRef, selectLiveSession } from '../../storage/database/live-session.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { type ConsentLedger, showConsent } from './consent-view.ts'

/** Everything the signed-in person decided. @throws AppError `invalid_access_token` */
export async function listConsents({ db, now }: Pick<Context, 'db' | 'now'>, ref: SessionRef): Promise<ConsentLedger> {
  const { live, rows } = await db.batch({ live: selectLiveSession(ref, now), rows: selectConsents(ref.userId) })
  if (live.length === 0) throw new AppError('invalid_access_token')
  const history = rows.map(showConsent)
  const newest = Map.groupBy(history, ({ document }) => document)
  return { consents: [...newest.values()].flatMap(([first]) => first ?? []), history }
}

/** A person's whole ledger, newest first. Index `consents_user`. */
export const selectConsents = (userId: UserId): SQL<ConsentRow> =>
  withRows(
    consentRow,
    sql`
      SELECT ${columnsOf(consentRow)} FROM consents
      WHERE user_id = ${userId} ORDER BY decided_at DESC, id DESC`,
  )
