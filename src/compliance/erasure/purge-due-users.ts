import { describeFailure } from '../../core/failure.ts'
import { log } from '../../core/log.ts'
import { claimErasure, type ErasureClaim, isAnyPaused } from './claim-erasure.ts'
import { type PurgeDependencies, purgeUser } from './purge-user.ts'

/** The most that one page may do: people to erase, and transactions that delete rows. */
interface Bounds {
  readonly maxPeople: number
  readonly maxSlices: number
}

interface PurgePage {
  readonly erased: number
  readonly failed: number
  /** `later`: erasures remain for the next run of the cron. */
  readonly next: 'more' | 'later' | 'done'
}

/**
 * After this many failures the page ends: a store that is down is more likely than so many failing people.
 */
const MAX_FAILURES = 5

/**
 * Erases people whose grace period has passed, and those whose purge was cut off, one after the other. When a
 * purge fails, all other people come first, and it is tried again after a pause that grows from minutes to a
 * day. A person with very many rows is erased over several pages.
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
