import { type SQL, sql } from 'drizzle-orm'
import * as z from 'zod'
import type { IdempotencyKey } from '../../core/idempotency-key.ts'
import { CLAIM_SECONDS, RETRY_HOURS } from '../../core/lifetimes.ts'
import { HOUR_MS } from '../../core/time.ts'
import { idempotencyKeys } from '../schema/index.ts'
import { columnsOf, computed, type Row, withRows } from './rows.ts'
import type { Statement } from './statement.ts'
import { assignments, excluded, insertInto, onConflict } from './writes.ts'

const claimRow = {
  request_hash: idempotencyKeys.requestHash,
  nonce: idempotencyKeys.nonce,
  is_done: computed.flag(sql`${idempotencyKeys.outcome} IS NOT NULL`),
  /** What came of it, which may be null too. */
  outcome: computed.jsonOrNull(sql`${idempotencyKeys.outcome}`, z.unknown()),
} as const
export type IdempotencyRow = Row<typeof claimRow>

/**
 * Takes a key that is free, that has had its time, or whose attempt died. `readIdempotencyKey` behind it says
 * who has it.
 */
export const claimIdempotencyKey = ({ key, requestHash, nonce }: IdempotencyKey, now: number): SQL => sql`
  ${insertInto(idempotencyKeys, {
    key,
    request_hash: requestHash,
    nonce,
    claimed_until: now + CLAIM_SECONDS * 1000,
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
  WHERE created_at <= ${now - RETRY_HOURS * HOUR_MS}
    OR (outcome IS NULL AND claimed_until <= ${now} AND request_hash = ${excluded(idempotencyKeys.requestHash)})`

export const readIdempotencyKey = ({ key }: IdempotencyKey): Statement<IdempotencyRow> =>
  withRows(claimRow, sql`SELECT ${columnsOf(claimRow)} FROM idempotency_keys WHERE key = ${key}`)

/** Frees the key for the next attempt, unless something has come of this one or it is another's by now. */
export const releaseIdempotencyKey = ({ key, nonce }: IdempotencyKey): SQL =>
  sql`DELETE FROM idempotency_keys WHERE key = ${key} AND nonce = ${nonce} AND outcome IS NULL`

/**
 * The statement that keeps the outcome of a request. In the batch that commits the change, so that no retry
 * can find the one without the other, even when the reply was lost or the Worker died. An attempt that was
 * taken for dead and commits after all keeps its outcome too: the attempt after it finds that.
 * @param outcome SQL for JSON without personal data
 * @param onlyIf SQL condition: the change was made
 */
export function keepOutcome({ claim }: { readonly claim?: IdempotencyKey }, outcome: SQL, onlyIf: SQL): SQL {
  if (claim === undefined) return sql`SELECT 1 WHERE false`
  claim.isKeptByVerb = true
  return sql`
    UPDATE idempotency_keys SET ${assignments(idempotencyKeys, { outcome })}
    WHERE key = ${claim.key} AND request_hash = ${claim.requestHash} AND outcome IS NULL AND ${onlyIf}`
}
