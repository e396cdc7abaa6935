import { beginPage, type OpenRun, recordProgress, WHOLE_ATTEMPTS } from '../compliance/job-runs.ts'
import type { Context } from '../context.ts'
import { type ForAll, oneByOne, together } from '../core/for-all.ts'
import type { Job } from './job.ts'

/**
 * Continues the open run of a job, page by page, until it is done or has used up its share of this
 * invocation.
 */
export async function runJob(ctx: Context, job: Job): Promise<void> {
  for (let page = 0; page < job.pagesPerRun; page++) {
    const run = await beginPage(ctx, job.name)
    if (run === undefined) return
    const result = await job.page(ctx, run.cursor, forAllOf(run))
    await recordProgress(ctx, run, result)
    if (result.next === 'done' || result.endsRun === true) return
  }
}

/**
 * From this attempt on, a page none of whose items succeeds is passed over too: about an hour of the cron's
 * turns.
 */
const PATIENT_ATTEMPTS = 12

/**
 * A page that failed three times is taken item by item: an item that always fails is then passed over, and
 * the job's next run tries it again. Without that, the same page would be taken again for ever.
 */
const forAllOf = ({ attempts }: OpenRun): ForAll =>
  attempts <= WHOLE_ATTEMPTS ? together : oneByOne({ isPatient: attempts <= PATIENT_ATTEMPTS })
