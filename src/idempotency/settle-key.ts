import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import type { IdempotencyKey } from '../core/idempotency-key.ts'
import { keepOutcome, readIdempotencyKey, releaseIdempotencyKey } from '../storage/database/idempotency-keys.ts'
import type { KeptOutcome } from './take-key.ts'

type Dependencies = Pick<Context, 'db'>

/**
 * Stores the outcome of a request whose verb did not store it in its own batch. Only for verbs that may run
 * twice without harm, because after a crash before this call a retry runs the verb again.
 */
export async function settleKey({ db }: Dependencies, key: IdempotencyKey, outcome: unknown): Promise<void> {
  if (key.isKeptByVerb) return
  await db.batch({ kept: keepOutcome({ idempotencyKey: key }, sql`${JSON.stringify(outcome ?? null)}`, sql`true`) })
}

/**
 * Releases the key after a failed attempt, unless an outcome is stored: the commit succeeded and only its
 * reply was lost, or another attempt succeeded. Never throws.
 * @returns the stored outcome
 */
export async function abandonKey({ db }: Dependencies, key: IdempotencyKey): Promise<KeptOutcome | undefined> {
  try {
    const { known } = await db.batch({ released: releaseIdempotencyKey(key), known: readIdempotencyKey(key) })
    const [row] = known
    return row?.request_hash === key.requestHash && row.is_done ? { value: row.outcome } : undefined
  } catch {
    return undefined
  }
}
