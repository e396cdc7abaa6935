import { type SQL, sql } from 'drizzle-orm'
import * as z from 'zod'
import type { IdempotencyKey } from '../../core/idempotency-key.ts'
import { IDEMPOTENCY_KEY_HOURS, IDEMPOTENT_ATTEMPT_SECONDS } from '../../core/lifetimes.ts'
import { HOUR_MS } from '../../core/time.ts'
import { idempotencyKeys } from '../schema/index.ts'
import type { Row } from './members.ts'
import { columnsOf, computed, withRows } from './rows.ts'
import type { Statement } from './statement.ts'
import { assignments, excluded, insertInto, onConflict } from './writes.ts'

const keyRow = {
  request_hash: idempotencyKeys.requestHash,
  nonce: idempotencyKeys.nonce,
  is_done: computed.flag(sql`${idempotencyKeys.outcome} IS NOT NULL`),
  /** The stored outcome. It may be null even if the request is done. */
  outcome: computed.jsonOrNull(sql`${idempotencyKeys.outcome}`, z.unknown()),
} as const
export type IdempotencyRow = Row<typeof keyRow>

/**
 * Takes a key that is free, that has expired, or whose attempt was aborted. `readIdempotencyKey` in the same
 * batch shows which attempt holds the key.
 */
export const takeIdempotencyKey = ({ key, requestHash, nonce }: IdempotencyKey, now: number): SQL => sql`
  ${insertInto(idempotencyKeys, {
    key,
    request_hash: requestHash,
    nonce,
    claimed_until: now + IDEMPOTENT_ATTEMPT_SECONDS * 1000,
    created_at: now,
  })}
  ${onConflict(
    [idempotencyKeys.key],
    assignments(idempotencyKeys, {
      request_hash: excluded(idempotencyKeys.requestHash),
      nonce: excluded(idempotencyKeys.nonce),
      outcome: null,
      claimed_until: excluded(idempotencyKeys.claimedUntil),
      created_at: excluded(idempotencyKeys.createdAt),
    }),
  )}
  WHERE created_at <= ${now - IDEMPOTENCY_KEY_HOURS * HOUR_MS}
    OR (outcome IS NULL AND claimed_until <= ${now} AND request_hash = ${excluded(idempotencyKeys.requestHash)})`

export const readIdempotencyKey = ({ key }: IdempotencyKey): Statement<IdempotencyRow> =>
  withRows(keyRow, sql`SELECT ${columnsOf(keyRow)} FROM idempotency_keys WHERE key = ${key}`)

/**
 * Releases the key for the next attempt, unless an outcome is stored or another attempt holds the key by now.
 */
export const releaseIdempotencyKey = ({ key, nonce }: IdempotencyKey): SQL =>
  sql`DELETE FROM idempotency_keys WHERE key = ${key} AND nonce = ${nonce} AND outcome IS NULL`

/**
 * The statement that stores the outcome of a request. It belongs in the batch that commits the change, so
 * that a retry cannot find one without the other, even if the reply was lost or the Worker was aborted. If an
 * attempt counted as failed but commits later, its outcome is stored too, and the next attempt finds it.
 * @param outcome SQL for JSON without personal data
 * @param onlyIf SQL condition: the change was made
 */
export function keepOutcome(
  { idempotencyKey: key }: { readonly idempotencyKey?: IdempotencyKey },
  outcome: SQL,
  onlyIf: SQL,
): SQL {
  if (key === undefined) return sql`SELECT 1 WHERE false`
  key.isKeptByVerb = true
  return sql`
    UPDATE idempotency_keys SET ${assignments(idempotencyKeys, { outcome })}
    WHERE key = ${key.key} AND request_hash = ${key.requestHash} AND outcome IS NULL AND ${onlyIf}`
}
