import { beginPage, type OpenRun, recordProgress, WHOLE_ATTEMPTS } from '../compliance/job-runs.ts'
import type { Context } from '../context.ts'
import { type ForAll, oneByOne, together } from '../core/for-all.ts'
import type { Job } from './job.ts'

/**
 * Continues the open run of a job, page by page, until the job is done or has used its share of this
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
 * After this many attempts (about an hour of cron runs), a page is skipped even if none of its items
 * succeeds.
 */
const PATIENT_ATTEMPTS = 12

/**
 * After three failed attempts, a page is processed item by item. An item that always fails is then skipped,
 * and the next run of the job tries it again. Otherwise the job would repeat the same page for ever.
 */
const forAllOf = ({ attempts }: OpenRun): ForAll =>
  attempts <= WHOLE_ATTEMPTS ? together : oneByOne({ isPatient: attempts <= PATIENT_ATTEMPTS })
