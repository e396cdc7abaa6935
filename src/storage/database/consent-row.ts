import { type SQL, sql } from 'drizzle-orm'
import type { NewConsent } from '../../core/consent.ts'
import { timePrefix, type UserId } from '../../core/ids.ts'
import { DAY_MS } from '../../core/time.ts'
import { consents } from '../schema/index.ts'
import type { Row } from './members.ts'
import { columnsOf, withRows } from './rows.ts'
import type { Statement } from './statement.ts'
import { insertInto } from './writes.ts'

interface ConsentInsertion {
  /** UUID v7. */
  readonly id: string
  readonly userId: UserId
  readonly consent: NewConsent
  readonly now: number
  readonly onlyIf: SQL
}

/** A decision, without its user. */
export const consentRow = {
  document: consents.document,
  version: consents.version,
  decision: consents.decision,
  decided_at: consents.decidedAt,
  source: consents.source,
} as const
export type ConsentRow = Row<typeof consentRow>

/** The newest decision of a person about a document. Index `consents_user`. */
export const newestConsent = (userId: UserId, document: string): Statement<ConsentRow> =>
  withRows(consentRow, newestOf(userId, document))

const newestOf = (userId: UserId, document: string): SQL => sql`
  SELECT ${columnsOf(consentRow)} FROM consents
  WHERE user_id = ${userId} AND document = ${document} ORDER BY decided_at DESC LIMIT 1`

/**
 * The most documents that one person may decide about, and the most decisions about one document in a day.
 */
export const CONSENT_QUOTA = { documents: 200, decisionsADay: 20 } as const

/** SQL condition: the person may record one more decision about the document. Index `consents_user`. */
export const mayDecide = (userId: UserId, document: string, now: number): SQL => sql`
  (SELECT count(*) FROM (SELECT 1 FROM consents WHERE user_id = ${userId} AND document = ${document}
    AND id >= ${timePrefix(now - DAY_MS)} LIMIT ${CONSENT_QUOTA.decisionsADay})) < ${CONSENT_QUOTA.decisionsADay}
  AND (EXISTS (SELECT 1 FROM consents WHERE user_id = ${userId} AND document = ${document})
    OR (SELECT count(*) FROM (SELECT DISTINCT document FROM consents WHERE user_id = ${userId}
      LIMIT ${CONSENT_QUOTA.documents})) < ${CONSENT_QUOTA.documents})`

/**
 * Adds a decision, unless it repeats the newest one about the same document. `decided_at` strictly increases
 * within a document, so the newest decision is always well defined.
 */
export const insertConsent = ({ id, userId, consent, now, onlyIf }: ConsentInsertion): SQL =>
  insertInto(
    consents,
    {
      id,
      user_id: userId,
      ...consent,
      decided_at: sql`max(${now}, ifnull((SELECT max(${consents.decidedAt}) + 1 FROM consents
        WHERE user_id = ${userId} AND document = ${consent.document}), 0))`,
    },
    {
      onlyIf: sql`${onlyIf} AND NOT EXISTS (
        SELECT 1 FROM (${newestOf(userId, consent.document)})
        WHERE version = ${consent.version} AND decision = ${consent.decision})`,
    },
  )
