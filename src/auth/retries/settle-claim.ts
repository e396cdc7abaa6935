import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { RequestClaim } from '../../core/request-claim.ts'
import { keepOutcome, readClaim, releaseClaim } from '../../storage/database/request-claims.ts'
import type { KeptOutcome } from './claim-request.ts'

type Dependencies = Pick<Context, 'db'>

/**
 * Keeps what came of a request whose verb did not do so itself. For verbs that may be run twice without harm: a crash
 * before this lets the retry run them again.
 */
export async function settleClaim({ db }: Dependencies, claim: RequestClaim, outcome: unknown): Promise<void> {
  if (claim.isKeptByVerb) return
  await db.batch({ kept: keepOutcome({ claim }, sql`${JSON.stringify(outcome ?? null)}`, sql`true`) })
}

/**
 * After a failure: frees the key, unless something came of the request after all, because only the reply of its commit
 * was lost, or because another attempt was faster. Never throws. @returns that outcome
 */
export async function abandonClaim({ db }: Dependencies, claim: RequestClaim): Promise<KeptOutcome | undefined> {
  try {
    const { known } = await db.batch({ released: releaseClaim(claim), known: readClaim(claim) })
    const [row] = known
    return row?.request_hash === claim.requestHash && row.is_done ? { value: row.outcome } : undefined
  } catch {
    return undefined
  }
}
