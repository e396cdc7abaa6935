import { type SQL, sql } from 'drizzle-orm'
import type { ConsentDecision, ConsentSource, NewConsent } from '../../core/consent.ts'
import type { UserId } from '../../core/ids.ts'

interface ConsentInsertion {
  /** UUID v7. */
  readonly id: string
  readonly userId: UserId
  readonly consent: NewConsent
  readonly now: number
  readonly onlyIf: SQL
}

/** A row of `consents`, by its SQL names. */
export interface ConsentRow {
  readonly document: string
  readonly version: string
  readonly decision: ConsentDecision
  readonly decided_at: number
  readonly source: ConsentSource
}

/** A person's newest decision about a document. Index `consents_user`. */
export const newestConsent = (userId: UserId, document: string): SQL<ConsentRow> => sql`
  SELECT document, version, decision, decided_at, source FROM consents
  WHERE user_id = ${userId} AND document = ${document} ORDER BY decided_at DESC LIMIT 1`

/**
 * Adds a decision, unless it repeats the newest one about that document. `decided_at` grows strictly within a
 * document, so that "the newest" is never a matter of luck.
 */
export const insertConsent = ({ id, userId, consent, now, onlyIf }: ConsentInsertion): SQL => sql`
  INSERT INTO consents (id, user_id, document, version, decision, decided_at, source)
  SELECT ${id}, ${userId}, ${consent.document}, ${consent.version}, ${consent.decision},
    max(${now}, ifnull((SELECT max(decided_at) + 1 FROM consents
      WHERE user_id = ${userId} AND document = ${consent.document}), 0)),
    ${consent.source}
  WHERE ${onlyIf} AND NOT EXISTS (
    SELECT 1 FROM (${newestConsent(userId, consent.document)})
    WHERE version = ${consent.version} AND decision = ${consent.decision})`
