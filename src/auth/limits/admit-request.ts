import type { Limiting } from '../../context.ts'
import type { LimitName } from '../../core/limits.ts'
import { assertAdmitted, countAndRecord, openAdmission, unlessBlocked } from './admission.ts'
import type { RequestSubjects } from './counters-for.ts'

/**
 * Counts a request before anything is done for it, in a wait of its own. Verbs that hash, mail or write to several
 * stores do so for no one over the quota. @throws AppError `rate_limited`
 */
export async function admitRequest(ctx: Limiting, name: LimitName, subjects: RequestSubjects): Promise<void> {
  const admission = await openAdmission(ctx, name, subjects)
  const { counted } = await unlessBlocked(ctx, admission, ctx.db.batch(countAndRecord(ctx, admission)))
  assertAdmitted(ctx, admission, counted)
}
