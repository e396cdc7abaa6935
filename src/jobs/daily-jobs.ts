import { deleteExpiredRows } from '../compliance/delete-expired-rows.ts'
import { deleteOrphanKeys } from '../compliance/delete-orphan-keys.ts'
import { destroySystemKeys } from '../compliance/destroy-system-keys.ts'
import { purgeDueUsers } from '../compliance/erasure/purge-due-users.ts'
import { reopenRestored } from '../compliance/erasure/reopen-restored.ts'
import { deleteExpiredExports } from '../compliance/export/delete-expired-exports.ts'
import type { Job } from './job.ts'
import { dailyKeyJobs } from './key-jobs.ts'

/** About 110 calls to other services a page. */
const USERS_PER_PAGE = 50
const EXPORTS_PER_PAGE = 100

/** What is due once a day, in this order: who came back with a restore is found before the purge begins. */
export const dailyJobs: readonly Job[] = [
  {
    name: 'reopen-restored',
    pagesPerRun: 50,
    async page(ctx, cursor) {
      const { cursor: next, reopened } = await reopenRestored(ctx, cursor)
      return { next: next ?? 'done', counts: { reopened } }
    },
  },
  {
    name: 'purge',
    pagesPerRun: 7,
    async page(ctx) {
      const erased = await purgeDueUsers(ctx, USERS_PER_PAGE)
      return { next: erased < USERS_PER_PAGE ? 'done' : undefined, counts: { erased } }
    },
  },
  {
    name: 'delete-expired-exports',
    pagesPerRun: 5,
    async page(ctx) {
      const deleted = await deleteExpiredExports(ctx, EXPORTS_PER_PAGE)
      return { next: deleted < EXPORTS_PER_PAGE ? 'done' : undefined, counts: { deleted } }
    },
  },
  {
    name: 'delete-expired-rows',
    pagesPerRun: 20,
    async page(ctx) {
      const counts = await deleteExpiredRows(ctx)
      return { next: Object.values(counts).every((count) => count === 0) ? 'done' : undefined, counts }
    },
  },
  {
    name: 'delete-orphan-keys',
    pagesPerRun: 20,
    async page(ctx, cursor) {
      const { cursor: next, deleted } = await deleteOrphanKeys(ctx, cursor)
      return { next: next ?? 'done', counts: { deleted } }
    },
  },
  {
    name: 'destroy-system-keys',
    pagesPerRun: 20,
    async page(ctx, cursor) {
      const { cursor: next, destroyed } = await destroySystemKeys(ctx, cursor)
      return { next: next ?? 'done', counts: { destroyed } }
    },
  },
  ...dailyKeyJobs,
]
