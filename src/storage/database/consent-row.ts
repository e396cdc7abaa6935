import { type SQL, sql } from 'drizzle-orm'
import type { NewConsent } from '../../core/consent.ts'
import type { UserId } from '../../core/ids.ts'
import { consents } from '../schema.ts'
import { columnsOf, type Row, withRows } from './rows.ts'
import { insertInto } from './writes.ts'

interface ConsentInsertion {
  /** UUID v7. */
  readonly id: string
  readonly userId: UserId
  readonly consent: NewConsent
  readonly now: number
  readonly onlyIf: SQL
}

/** A decision, without whose it is. */
export const consentRow = {
  document: consents.document,
  version: consents.version,
  decision: consents.decision,
  decided_at: consents.decidedAt,
  source: consents.source,
} as const
export type ConsentRow = Row<typeof consentRow>

/** A person's newest decision about a document. Index `consents_user`. */
export const newestConsent = (userId: UserId, document: string): SQL<ConsentRow> =>
  withRows(
    consentRow,
    sql`
      SELECT ${columnsOf(consentRow)} FROM consents
      WHERE user_id = ${userId} AND document = ${document} ORDER BY decided_at DESC LIMIT 1`,
  )

/**
 * Adds a decision, unless it repeats the newest one about that document. `decided_at` grows strictly within a
 * document, so that "the newest" is never a matter of luck.
 */
export const insertConsent = ({ id, userId, consent, now, onlyIf }: ConsentInsertion): SQL =>
  insertInto(
    consents,
    {
      id,
      user_id: userId,
      ...consent,
      decided_at: sql`max(${now}, ifnull((SELECT max(decided_at) + 1 FROM consents
        WHERE user_id = ${userId} AND document = ${consent.document}), 0))`,
    },
    {
      onlyIf: sql`${onlyIf} AND NOT EXISTS (
        SELECT 1 FROM (${newestConsent(userId, consent.document)})
        WHERE version = ${consent.version} AND decision = ${consent.decision})`,
    },
  )
