import { replayDeadLetters } from '../compliance/archive/events/dead-letters.ts'
import { signMarkers } from '../compliance/erasure/sign-markers.ts'
import type { Job } from './job.ts'

const LETTERS_PER_PAGE = 100

/** The jobs that run only when an operator has opened a run of them. */
export const requestedJobs: readonly Job[] = [
  {
    name: 'replay-dead-letters',
    pagesPerRun: 20,
    async page(ctx, cursor, forAll) {
      const { cursor: next, replayed } = await replayDeadLetters(ctx, LETTERS_PER_PAGE, cursor, forAll)
      return { next: next ?? 'done', counts: { replayed } }
    },
  },
  {
    name: 'sign-markers',
    pagesPerRun: 4,
    page: signMarkers,
  },
]
