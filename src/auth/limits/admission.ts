import type { SQL } from 'drizzle-orm'
import type { Context, Limiting } from '../../context.ts'
import { AppError, type UsedQuota } from '../../core/errors.ts'
import { newTimeOrderedId } from '../../core/ids.ts'
import type { LimitName } from '../../core/limits.ts'
import type { Block } from '../../core/ports.ts'
import { areWithinQuota, type CountRow, countUp, justPassedQuota } from '../../storage/database/counters.ts'
import type { Statement } from '../../storage/database/statement.ts'
import { type EventRecord, type Recorder, recordEvent } from '../../storage/outbox.ts'
import { addClientLater } from '../add-client-later.ts'
import { countersFor, type NamedCounter, type RequestSubjects } from './counters-for.ts'

/** One request that has not been counted yet. */
export interface Admission {
  readonly counters: readonly NamedCounter[]
  /** Counts the request. Stands first in the verb's first batch. */
  readonly count: Statement<CountRow>
  /** Recorded in the same batch, of the first request over a quota. */
  readonly event: EventRecord
  /** SQL condition for the statements behind them: no quota is passed. */
  readonly isAdmitted: SQL
  readonly eventId: string
}

/**
 * Prepares to count a request under a policy. Waits for nothing: what this isolate knows to be blocked is refused here.
 * @throws AppError `rate_limited`
 */
export async function openAdmission(ctx: Limiting, name: LimitName, subjects: RequestSubjects): Promise<Admission> {
  const counters = await countersFor(ctx, name, subjects)
  const known = ctx.limiter.recall(counters.map(({ key }) => key))
  if (known !== undefined) throw refusal(ctx, counters, known)
  const eventId = newTimeOrderedId(ctx.now)
  const event = { action: 'limit.reached', outcome: 'failure', detail: { policy: name } } as const
  return {
    counters,
    count: countUp(counters, ctx.now),
    event: [event, { id: eventId, onlyIf: justPassedQuota(counters) }],
    isAdmitted: areWithinQuota(counters),
    eventId,
  }
}

/**
 * Counts the request and records the first one over a quota. Both stand first in the verb's first batch; only `refresh`
 * records the event beside its own, which saves a statement.
 */
export const countAndRecord = (ctx: Recorder, { count, event }: Admission) => ({
  counted: count,
  limitEvent: recordEvent(ctx, ...event),
})

/**
 * Refuses by what `count` counted. This isolate then remembers the block, and the first request over the quota
 * publishes it to the others. @throws AppError `rate_limited`
 */
export function assertAdmitted(ctx: Limiting, admission: Admission, counted: readonly CountRow[]): void {
  const { counters, eventId } = admission
  for (const counter of counters) {
    const row = counted.find(({ key }) => key === counter.key)
    const over = row === undefined ? 0 : row.count - counter.quota.count
    if (row === undefined || over <= 0) continue
    const block = { key: row.key, untilMs: row.ends_at }
    ctx.limiter.remember(block)
    if (over === 1) {
      ctx.defer(ctx.limiter.publish(block))
      addClientLater(ctx, eventId, { subjectId: undefined, pendingKey: ctx.vault.system(ctx.now) })
    }
    throw refusal(ctx, counters, block)
  }
}

/**
 * Waits for a read, or refuses as soon as KV says that a counter is blocked. Only for what changes nothing: it goes on
 * unheard. @throws AppError `rate_limited`
 */
export async function unlessBlocked<T>(ctx: Limiting, { counters }: Admission, reading: Promise<T>): Promise<T> {
  const pending = ctx.limiter.find(counters.map(({ key }) => key))
  // Never settles while nothing is blocked: a KV that is slow or down delays nobody.
  const refused = new Promise<never>((_, reject) => {
    pending.then((block) => block && reject(refusal(ctx, counters, block)), reject)
  })
  return Promise.race([reading, refused])
}

/** What a request over one of these quotas is answered with. */
export function refusal(
  { now }: Pick<Context, 'now'>,
  counters: readonly NamedCounter[],
  { key, untilMs }: Block,
): AppError {
  const counter = counters.find((candidate) => candidate.key === key)
  const resetSeconds = Math.max(1, Math.ceil((untilMs - now) / 1000))
  const quota: UsedQuota | undefined = counter && {
    name: counter.by,
    count: counter.quota.count,
    windowSeconds: counter.quota.windowMs / 1000,
    resetSeconds,
  }
  return new AppError('rate_limited', { retryAfterSeconds: resetSeconds, ...(quota && { quota }) })
}
