import type { Context } from '../context.ts'
import type { ForAll } from '../core/for-all.ts'
import type { JobName } from '../core/job-name.ts'

/** The result of one page of a job. */
export interface JobPage {
  /** The cursor of the next page; `done` after the last page. */
  readonly next: string | undefined | 'done'
  readonly counts: Readonly<Record<string, number>>
  /** The page made so many calls to other services that the next page is left to the next invocation. */
  readonly endsRun?: boolean
}

/** Work in pages. Each page is idempotent, so a job can be cut off anywhere and continued. */
export interface Job {
  readonly name: JobName
  /** The most pages in one invocation. Keeps it below 1,000 calls to other services and below 15 minutes. */
  readonly pagesPerRun: number
  /** Whether a daily job has anything to do in this deployment. Without this member, it has. */
  readonly isDue?: (ctx: Context) => boolean
  /** @param forAll runs the work on the items of the page */
  readonly page: (ctx: Context, cursor: string | undefined, forAll: ForAll) => Promise<JobPage>
}
