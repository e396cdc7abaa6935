import { replayDeadLetters } from '../compliance/archive/dead-letters.ts'
import type { Job } from './job.ts'

const LETTERS_PER_PAGE = 100

/** What runs only when an operator opens a run of it. */
export const requestedJobs: readonly Job[] = [
  {
    name: 'replay-dead-letters',
    pagesPerRun: 20,
    async page(ctx, cursor, forAll) {
      const { cursor: next, replayed } = await replayDeadLetters(ctx, LETTERS_PER_PAGE, cursor, forAll)
      return { next: next ?? 'done', counts: { replayed } }
    },
  },
]
