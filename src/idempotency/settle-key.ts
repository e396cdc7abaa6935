import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import type { IdempotencyKey } from '../core/idempotency-key.ts'
import { keepOutcome, readIdempotencyKey, releaseIdempotencyKey } from '../storage/database/idempotency-keys.ts'
import type { KeptOutcome } from './claim-key.ts'

type Dependencies = Pick<Context, 'db'>

/**
 * Keeps what came of a request whose verb did not do so itself. For verbs that may be run twice without harm:
 * a crash before this lets the retry run them again.
 */
export async function settleKey({ db }: Dependencies, claim: IdempotencyKey, outcome: unknown): Promise<void> {
  if (claim.isKeptByVerb) return
  await db.batch({ kept: keepOutcome({ claim }, sql`${JSON.stringify(outcome ?? null)}`, sql`true`) })
}

/**
 * After a failure: frees the key, unless something came of the request after all, because only the reply of
 * its commit was lost, or because another attempt was faster. Never throws.
 * @returns that outcome
 */
export async function abandonKey({ db }: Dependencies, claim: IdempotencyKey): Promise<KeptOutcome | undefined> {
  try {
    const { known } = await db.batch({ released: releaseIdempotencyKey(claim), known: readIdempotencyKey(claim) })
    const [row] = known
    return row?.request_hash === claim.requestHash && row.is_done ? { value: row.outcome } : undefined
  } catch {
    return undefined
  }
}
