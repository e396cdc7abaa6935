import { describeFailure } from '../../core/failure.ts'
import { log } from '../../core/log.ts'
import { claimErasure, type ErasureClaim, isAnyPaused } from './claim-erasure.ts'
import { type PurgeDependencies, purgeUser } from './purge-user.ts'

/** What one page may do: people, and transactions that delete rows. */
interface Bounds {
  readonly maxPeople: number
  readonly maxSlices: number
}

interface PurgePage {
  readonly erased: number
  readonly failed: number
  /** `later`: somebody is left, for the next run of the cron. */
  readonly next: 'more' | 'later' | 'done'
}

/** After this many the page ends: a store is down rather than so many people special. */
const MAX_FAILURES = 5

/**
 * Erases people whose grace period has passed, and those that an earlier run left half-way, one after the
 * other. One whose purge fails goes behind all others, and is tried again after a pause that grows from
 * minutes to a day; one with very many rows gets a share of each page.
 */
export async function purgeDueUsers(ctx: PurgeDependencies, { maxPeople, maxSlices }: Bounds): Promise<PurgePage> {
  const done = { erased: 0, failed: 0 }
  let slicesLeft = maxSlices
  for (let people = 0; people < maxPeople && slicesLeft > 0; people++) {
    const claim = await claimErasure(ctx)
    if (claim === undefined) return { ...done, next: (await isAnyPaused(ctx)) ? 'later' : 'done' }
    const { slices, outcome } = await attempt(ctx, claim, slicesLeft)
    slicesLeft -= slices
    if (outcome !== 'unfinished') done[outcome] += 1
    if (done.failed >= MAX_FAILURES) return { ...done, next: 'later' }
  }
  return { ...done, next: 'more' }
}

async function attempt(ctx: PurgeDependencies, claim: ErasureClaim, maxSlices: number) {
  try {
    const { slices, isErased } = await purgeUser(ctx, claim, maxSlices)
    return { slices, outcome: isErased ? 'erased' : 'unfinished' } as const
  } catch (error) {
    const { name, code } = describeFailure(error)
    log('error', 'purge_failed', { user_id: claim.user_id, error: name, code })
    return { slices: 1, outcome: 'failed' } as const
  }
}
