import { findOpenRun, recordProgress } from '../compliance/job-runs.ts'
import type { Context } from '../context.ts'
import type { Job } from './job.ts'

/** Continues the open run of a job, page by page, until it is done or has used up its share of this invocation. */
export async function runJob(ctx: Context, job: Job): Promise<void> {
  for (let page = 0; page < job.pagesPerRun; page++) {
    const run = await findOpenRun(ctx, job.name)
    if (run === undefined) return
    const result = await job.page(ctx, run.cursor)
    await recordProgress(ctx, run, result)
    if (result.next === 'done' || result.endsRun === true) return
  }
}
