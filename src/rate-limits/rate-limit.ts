import type { SQL } from 'drizzle-orm'
import type { Context, Limiting } from '../context.ts'
import { AppError, type UsedQuota } from '../core/errors.ts'
import type { Block } from '../core/ports.ts'
import type { LimitName } from '../core/rate-limit-policies.ts'
import { addClientLater, keyOfSubject } from '../storage/database/add-client-later.ts'
import { areWithinQuota, type CountRow, countUp, justPassedQuota } from '../storage/database/counters.ts'
import { type EventRecord, type Recorder, recordEvent } from '../storage/database/outbox.ts'
import { onReturned, type Statement } from '../storage/database/statement.ts'
import { countersFor, type NamedCounter, type RequestSubjects } from './counters-for.ts'

/** One request that has not been counted yet. */
export interface RateLimit {
  readonly counters: readonly NamedCounter[]
  /** Counts the request, and blocks what is over its quota. Stands first in the verb's first batch. */
  readonly count: Statement<CountRow>
  /** Recorded in the same batch, of the first request over a quota. */
  readonly event: EventRecord
  /** SQL condition for the statements behind them: no quota is passed. */
  readonly isWithinLimit: SQL
}

/**
 * Prepares to count a request under a policy. Waits for nothing: what this isolate knows to be blocked is
 * refused here.
 * @throws AppError `rate_limited`
 */
export async function prepareRateLimit(ctx: Limiting, name: LimitName, subjects: RequestSubjects): Promise<RateLimit> {
  const counters = await countersFor(ctx, name, subjects)
  const known = ctx.limiter.recall(counters.map(({ key }) => key))
  if (known !== undefined) throw refusal(ctx, counters, known)
  const event = { action: 'limit.reached', outcome: 'failure', detail: { policy: name } } as const
  return {
    counters,
    count: blockOver(ctx, counters, countUp(counters, ctx.now)),
    event: [event, { onlyIf: justPassedQuota(counters), later: addClientLater(ctx, keyOfSubject(ctx)) }],
    isWithinLimit: areWithinQuota(counters),
  }
}

/**
 * Counts the request and records the first one over a quota. Both stand first in the verb's first batch; only
 * `refresh` records the event beside its own, which saves a statement.
 */
export const countAndRecord = (ctx: Recorder, { count, event }: RateLimit) => ({
  counted: count,
  limitEvent: recordEvent(ctx, ...event),
})

/**
 * Has this isolate remember what a statement has counted over its quota. The first request over it publishes
 * the block to the others, behind the answer.
 */
export const blockOver = (
  { limiter, defer }: Pick<Context, 'limiter' | 'defer'>,
  counters: readonly NamedCounter[],
  count: Statement<CountRow>,
): Statement<CountRow> =>
  onReturned(count, (counted) => {
    for (const { over, block } of countersOver(counters, counted)) {
      limiter.remember(block)
      if (over === 1) defer(limiter.publish(block))
    }
  })

/** Refuses by what `count` counted. @throws AppError `rate_limited` */
export function assertWithinLimit(
  ctx: Pick<Context, 'now'>,
  { counters }: RateLimit,
  counted: readonly CountRow[],
): void {
  const [first] = countersOver(counters, counted)
  if (first !== undefined) throw refusal(ctx, counters, first.block)
}

const countersOver = (counters: readonly NamedCounter[], counted: readonly CountRow[]) =>
  counters.flatMap(({ key, quota }) => {
    const row = counted.find((candidate) => candidate.key === key)
    if (row === undefined || row.count <= quota.count) return []
    return [{ over: row.count - quota.count, block: { key, untilMs: row.ends_at } }]
  })

/**
 * Waits for a read, or refuses as soon as KV says that a counter is blocked. Only for what changes nothing:
 * it goes on unheard.
 * @throws AppError `rate_limited`
 */
export async function unlessRefused<T>(ctx: Limiting, { counters }: RateLimit, reading: Promise<T>): Promise<T> {
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
