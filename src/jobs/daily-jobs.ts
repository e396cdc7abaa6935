import { deleteExpiredRows } from '../compliance/delete-expired-rows.ts'
import { checkSeals } from '../compliance/erasure/check-seals.ts'
import { purgeDueUsers } from '../compliance/erasure/purge-due-users.ts'
import { reopenRestored } from '../compliance/erasure/reopen-restored.ts'
import { deleteExpiredExports } from '../compliance/export/delete-expired-exports.ts'
import { deleteOrphanKeys } from '../keys/delete-orphan-keys.ts'
import { destroySystemKeys } from '../keys/destroy-system-keys.ts'
import type { Job } from './job.ts'
import { dailyKeyJobs } from './key-jobs.ts'

/**
 * At most nine calls to other services for each person, and one more for each further transaction: about 100
 * calls a page.
 */
const PURGE = { maxPeople: 10, maxSlices: 20 }
const EXPORTS_PER_PAGE = 100

/**
 * The jobs that run once a day, in this order: people who came back with a database restore are found before
 * the purge begins.
 */
export const dailyJobs: readonly Job[] = [
  {
    name: 'reopen-restored',
    pagesPerRun: 50,
    page: reopenRestored,
  },
  {
    name: 'purge',
    pagesPerRun: 9,
    async page(ctx) {
      const { next, erased, failed, refused } = await purgeDueUsers(ctx, PURGE)
      return {
        next: next === 'done' ? 'done' : undefined,
        counts: { erased, ...(failed > 0 && { failed }), ...(refused > 0 && { refused }) },
        endsRun: next === 'later',
      }
    },
  },
  {
    name: 'check-seals',
    pagesPerRun: 50,
    page: checkSeals,
  },
  {
    name: 'delete-expired-exports',
    pagesPerRun: 5,
    async page(ctx, cursor, forAll) {
      const page = { limit: EXPORTS_PER_PAGE, passedOver: Number(cursor ?? 0) }
      const { isLastPage, deleted, passedOver } = await deleteExpiredExports(ctx, page, forAll)
      return { next: isLastPage ? 'done' : String(passedOver), counts: { deleted } }
    },
  },
  {
    name: 'delete-expired-rows',
    pagesPerRun: 20,
    page: deleteExpiredRows,
  },
  {
    name: 'delete-orphan-keys',
    pagesPerRun: 20,
    async page(ctx, cursor, forAll) {
      const { cursor: next, deleted } = await deleteOrphanKeys(ctx, cursor, forAll)
      return { next: next ?? 'done', counts: { deleted } }
    },
  },
  {
    name: 'destroy-system-keys',
    pagesPerRun: 20,
    async page(ctx, cursor, forAll) {
      const { cursor: next, destroyed } = await destroySystemKeys(ctx, cursor, forAll)
      return { next: next ?? 'done', counts: { destroyed } }
    },
  },
  ...dailyKeyJobs,
]
