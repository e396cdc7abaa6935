import { bundleActivity } from '../compliance/activity/bundle-activity.ts'
import { bundlePlaces } from '../compliance/activity/bundle-places.ts'
import { deleteOrphanActivity } from '../compliance/activity/delete-orphan-activity.ts'
import { deleteClientDetails } from '../compliance/delete-client-details.ts'
import { deleteExpiredRows } from '../compliance/delete-expired-rows.ts'
import { checkSeals } from '../compliance/erasure/check-seals.ts'
import { purgeDueUsers } from '../compliance/erasure/purge-due-users.ts'
import { reopenRestored } from '../compliance/erasure/reopen-restored.ts'
import { deleteExpiredExports } from '../compliance/export/delete-expired-exports.ts'
import { followPolicyEverywhere } from '../identity/two-step/follow-policy-everywhere.ts'
import { deleteOrphanKeys } from '../keys/delete-orphan-keys.ts'
import { destroySystemKeys } from '../keys/destroy-system-keys.ts'
import type { Job } from './job.ts'
import { dailyKeyJobs } from './key-jobs.ts'

/**
 * At most 20 calls to other services for each person, and one more for each further transaction: at most 220
 * calls a page, and 880 a run. `sweepErased` and the other tasks of the cron need the rest.
 */
const PURGE = { maxPeople: 10, maxSlices: 20 }
const EXPORTS_PER_PAGE = 100

/** The most pages in one invocation of a job that ends its run after a page with much work. */
const LIGHT_PAGES = 20

/**
 * The jobs that run once a day, in this order: people who came back with a database restore are found before
 * the purge begins.
 */
export const dailyJobs: readonly Job[] = [
  {
    name: 'reopen-restored',
    // Five calls a page. The purge of the same run takes up to 880.
    pagesPerRun: 20,
    page: reopenRestored,
  },
  {
    name: 'purge',
    pagesPerRun: 4,
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
    name: 'follow-two-step-policy',
    pagesPerRun: LIGHT_PAGES,
    page: followPolicyEverywhere,
  },
  {
    name: 'bundle-activity',
    pagesPerRun: LIGHT_PAGES,
    async page(ctx, cursor, forAll) {
      const { next, people, counts } = await bundleActivity(ctx, cursor, forAll)
      return { next, counts, endsRun: people > ctx.settings.KEYS_PER_RUN / 10 }
    },
  },
  {
    name: 'bundle-places',
    pagesPerRun: 1,
    page: bundlePlaces,
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
    name: 'delete-client-details',
    pagesPerRun: 50,
    page: deleteClientDetails,
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
    name: 'delete-orphan-activity',
    pagesPerRun: 5,
    async page(ctx, cursor, forAll) {
      const { next, deleted } = await deleteOrphanActivity(ctx, cursor, forAll)
      return { next, counts: { deleted } }
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
