import { resealEvents } from '../compliance/archive/log/reseal-events.ts'
import { believeMarkers } from '../compliance/erasure/markers.ts'
import type { Context } from '../context.ts'
import type { KeyOwner } from '../core/key-owner.ts'
import { compareMirror } from '../keys/compare-mirror.ts'
import { rebindCiphertexts } from '../keys/rebind-ciphertexts.ts'
import { reindexIdentities } from '../keys/reindex-identities.ts'
import { reindexUsers } from '../keys/reindex-users.ts'
import { restoreVault } from '../keys/restore-vault.ts'
import { retirePasswords } from '../keys/retire-passwords.ts'
import type { Job } from './job.ts'

/** Each password takes two statements. */
const PASSWORDS_PER_PAGE = 50

/**
 * The most pages in one invocation. A page that has nothing to change costs one or two list calls, so a vault
 * without old keys is checked quickly.
 */
const LIGHT_PAGES = 20

/**
 * Whether a page did so much work that the next page is left to the next run. Twenty pages just below this
 * limit are as much work as one full page.
 */
const isHeavy = ({ settings }: Context, done: number): boolean => done > settings.KEYS_PER_RUN / 10

/** With a single root key there is nothing to move. An operator can still request the jobs. */
function isRotating({ ring }: Context): boolean {
  return ring.all.length > 1
}

/**
 * The jobs that move everything to the newest root key, and that maintain the mirror. While an older root key
 * is configured, they run daily. Data that an isolate still wrote under an older configuration is then found
 * the next day.
 */
export const dailyKeyJobs: readonly Job[] = [
  {
    name: 'rewrap-keys',
    isDue: isRotating,
    pagesPerRun: LIGHT_PAGES,
    async page(ctx, cursor, forAll) {
      const { cursor: next, counts } = await ctx.keyRotation.rewrapPage(
        cursor as KeyOwner | undefined,
        ctx.settings.KEYS_PER_RUN,
        forAll,
      )
      return { next: next ?? 'done', counts, endsRun: isHeavy(ctx, (counts.rewrapped ?? 0) + (counts.unreadable ?? 0)) }
    },
  },
  {
    name: 'reindex-users',
    isDue: isRotating,
    pagesPerRun: 1,
    async page(ctx, cursor, forAll) {
      const { cursor: next, counts } = await reindexUsers(ctx, cursor, ctx.settings.KEYS_PER_RUN, forAll)
      return { next: next ?? 'done', counts }
    },
  },
  {
    name: 'reindex-identities',
    pagesPerRun: 1,
    isDue: isRotating,
    async page(ctx, cursor, forAll) {
      const { cursor: next, counts } = await reindexIdentities(ctx, cursor, ctx.settings.KEYS_PER_RUN, forAll)
      return { next: next ?? 'done', counts }
    },
  },
  {
    name: 'reseal-events',
    isDue: isRotating,
    pagesPerRun: LIGHT_PAGES,
    page: resealEvents,
  },
  {
    name: 'rebind-ciphertexts',
    pagesPerRun: LIGHT_PAGES,
    async page(ctx, cursor, forAll) {
      const { next, counts } = await rebindCiphertexts(ctx, cursor, { limit: ctx.settings.KEYS_PER_RUN, forAll })
      return { next, counts, endsRun: isHeavy(ctx, total(counts)) }
    },
  },
  {
    name: 'compare-mirror',
    isDue: ({ vaultMirror }) => vaultMirror !== undefined,
    pagesPerRun: LIGHT_PAGES,
    async page(ctx, cursor, forAll) {
      const { cursor: next, counts } = await compareMirror(ctx, cursor, { forAll, believe: believeMarkers(ctx) })
      const { same: _, ...differences } = counts
      return { next: next ?? 'done', counts, endsRun: isHeavy(ctx, total(differences)) }
    },
  },
]

/** The jobs that only an operator starts: they remove passwords, or change what the vault holds. */
export const requestedKeyJobs: readonly Job[] = [
  {
    name: 'retire-passwords',
    pagesPerRun: LIGHT_PAGES,
    async page(ctx, cursor, forAll) {
      const page = { limit: PASSWORDS_PER_PAGE, passedOver: Number(cursor ?? 0) }
      const { isLastPage, retired, passedOver } = await retirePasswords(ctx, page, forAll)
      return { next: isLastPage ? 'done' : String(passedOver), counts: { retired } }
    },
  },
  {
    name: 'restore-vault',
    pagesPerRun: LIGHT_PAGES,
    async page(ctx, cursor, forAll) {
      const { cursor: next, counts } = await restoreVault(ctx, cursor, { forAll, believe: believeMarkers(ctx) })
      return { next: next ?? 'done', counts, endsRun: isHeavy(ctx, total(counts)) }
    },
  },
]

const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)
