import { sql } from 'drizzle-orm'
import { describeFailure } from '../../core/failure.ts'
import { log } from '../../core/log.ts'
import { DAY_MS } from '../../core/time.ts'
import { raiseAlarm } from '../alarms/raise-alarm.ts'
import {
  beginErasure,
  claimErasure,
  type ErasureClaim,
  isAnyDue,
  putBackEarlyClaim,
  putOffClaim,
} from './claim-erasure.ts'
import { hasUnarchived } from './erase-events.ts'
import { judgeClaim } from './judge-claim.ts'
import { type PurgeDependencies, purgeUser } from './purge-user.ts'
import { refuseErasure } from './refuse-erasures.ts'

/** The most that one page may do: people to erase, and transactions that delete rows. */
interface Bounds {
  readonly maxPeople: number
  readonly maxSlices: number
}

interface PurgePage {
  readonly erased: number
  readonly failed: number
  /** Claims that were no request of this service. They are set aside. */
  readonly refused: number
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
  const done = { erased: 0, failed: 0, refused: 0 }
  let slicesLeft = maxSlices
  for (let people = 0; people < maxPeople && slicesLeft > 0; people++) {
    const claim = await claimErasure(ctx)
    if (claim === undefined) return { ...done, next: (await isAnyDue(ctx)) ? 'later' : 'done' }
    const { slices, outcome } = await attempt(ctx, claim, slicesLeft)
    slicesLeft -= slices
    if (outcome !== 'unfinished') done[outcome] += 1
    if (done.failed >= MAX_FAILURES) return { ...done, next: 'later' }
  }
  return { ...done, next: 'more' }
}

interface Attempt {
  readonly slices: number
  readonly outcome: 'erased' | 'failed' | 'refused' | 'unfinished'
}

async function attempt(ctx: PurgeDependencies, claim: ErasureClaim, maxSlices: number): Promise<Attempt> {
  try {
    return await eraseIfGenuine(ctx, claim, maxSlices)
  } catch (error) {
    const { name, code } = describeFailure(error)
    log('error', 'purge_failed', { error: name, code })
    return { slices: 1, outcome: 'failed' }
  }
}

async function eraseIfGenuine(ctx: PurgeDependencies, claim: ErasureClaim, maxSlices: number): Promise<Attempt> {
  const verdict = await judgeClaim(ctx, claim)
  switch (verdict) {
    case 'forged':
    case 'cancelled':
      await refuseErasure(ctx, claim, verdict)
      return { slices: 1, outcome: 'refused' }
    case 'early':
      await putBackEarlyClaim(ctx, claim)
      return { slices: 1, outcome: 'unfinished' }
    case 'held':
      await putOffClaim(ctx, claim, HELD_MS)
      await raiseAlarm(ctx, 'hold_removed')
      return { slices: 1, outcome: 'unfinished' }
    case 'unknown':
      throw new UnknownSealError()
    case 'genuine': {
      if (await mustWait(ctx, claim)) {
        await putOffClaim(ctx, claim, WAIT_MS)
        return { slices: 1, outcome: 'unfinished' }
      }
      const startedAt = await beginErasure(ctx, claim)
      if (startedAt === undefined) return { slices: 1, outcome: 'unfinished' }
      const { slices, isErased } = await purgeUser(ctx, { ...claim, started_at: startedAt }, maxSlices)
      return { slices, outcome: isErased ? 'erased' : 'unfinished' }
    }
  }
}

/** Shorter than a day, so each daily run raises the alarm again. */
const HELD_MS = DAY_MS / 2

/** An event reaches the archive within seconds, so the next run of the cron tries again. */
const WAIT_MS = 1

/**
 * The ids in an event's line are pseudonyms that the person's key makes. An event that is archived after the
 * key is destroyed gets random ones, so a purge does not begin before the events of the last day are
 * archived, but at most a day after it was due. The key of a person whom a restore brought back is gone
 * already.
 */
const mustWait = async (ctx: PurgeDependencies, claim: ErasureClaim): Promise<boolean> =>
  claim.started_at === null &&
  claim.basis !== 'database_restored' &&
  ctx.now < claim.due_at + DAY_MS &&
  (await hasUnarchived(ctx, claim.user_id, sql`occurred_at > ${ctx.now - DAY_MS}`))

/** `ROOT_KEYS` of this isolate lacks the root key under which the request was sealed. */
class UnknownSealError extends Error {
  override readonly name = 'UnknownSealError'
}
