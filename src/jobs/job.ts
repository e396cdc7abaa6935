import type { Context } from '../context.ts'
import type { ForAll } from '../core/for-all.ts'
import type { JobName } from '../core/job-name.ts'

/** What one page of a job did. */
export interface JobPage {
  /** Where the next page begins; `done` after the last one. */
  readonly next: string | undefined | 'done'
  readonly counts: Readonly<Record<string, number>>
  /** It made so many calls to other services that the next page is for the next invocation. */
  readonly endsRun?: boolean
}

/** Work that is cut into pages, each idempotent, so that it can be cut off anywhere and continued. */
export interface Job {
  readonly name: JobName
  /** Pages in one invocation: keeps it below 1,000 calls to other services and 15 minutes. */
  readonly pagesPerRun: number
  /** Whether a daily job has anything to do in this deployment; by default it has. */
  readonly isDue?: (ctx: Context) => boolean
  /** @param forAll with which the page works on its items */
  readonly page: (ctx: Context, cursor: string | undefined, forAll: ForAll) => Promise<JobPage>
}
