import type { LimitName } from '../../core/limits.ts'
import { recordEvent } from '../../storage/outbox.ts'
import { type AdmissionDependencies, assertAdmitted, openAdmission, unlessBlocked } from './admission.ts'
import type { RequestSubjects } from './counters-for.ts'

/**
 * Counts a request before anything is done for it, in a wait of its own. Verbs that hash, mail or write to several
 * stores do so for no one over the quota. @throws AppError `rate_limited`
 */
export async function admitRequest(
  ctx: AdmissionDependencies,
  name: LimitName,
  subjects: RequestSubjects,
): Promise<void> {
  const admission = await openAdmission(ctx, name, subjects)
  const [counted] = await unlessBlocked(
    ctx,
    admission,
    ctx.db.batch([admission.count, recordEvent(ctx, ...admission.event)]),
  )
  assertAdmitted(ctx, admission, counted)
}
