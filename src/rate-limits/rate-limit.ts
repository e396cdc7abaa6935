import type { SQL } from 'drizzle-orm'
import type { Context, Limiting } from '../context.ts'
import { AppError, type UsedQuota } from '../core/errors.ts'
import type { ExceededCounter } from '../core/ports.ts'
import type { LimitName } from '../core/rate-limit-policies.ts'
import { addClientLater, keyOfSubject } from '../storage/database/add-client-later.ts'
import { areWithinQuota, type CountRow, countUp, justPassedQuota } from '../storage/database/counters.ts'
import { type EventRecord, type Recorder, recordEvent } from '../storage/database/outbox.ts'
import { onReturned, type Statement } from '../storage/database/statement.ts'
import { countersFor, type NamedCounter, type RequestSubjects } from './counters-for.ts'

/** The prepared counting of one request. */
export interface RateLimit {
  readonly counters: readonly NamedCounter[]
  /**
   * Counts the request and remembers the counters over their quota. Must be the first statement of the verb's
   * first batch.
   */
  readonly count: Statement<CountRow>
  /** The event for the first request over a quota, to be recorded in the same batch. */
  readonly event: EventRecord
  /** SQL condition for later statements of the batch: the request is within every quota. */
  readonly isWithinLimit: SQL
}

/**
 * Prepares to count a request under a policy. Does no I/O. Refuses the request here if this isolate knows a
 * counter to be over its quota.
 * @throws AppError `rate_limited`
 */
export async function prepareRateLimit(ctx: Limiting, name: LimitName, subjects: RequestSubjects): Promise<RateLimit> {
  return limitBy(ctx, name, await countersFor(ctx, name, subjects))
}

/**
 * Prepares to count a request by these counters.
 * @param stored those in the table `attempts`. The verb counts the others in its own statement
 * @throws AppError `rate_limited`
 */
export function limitBy(
  ctx: Limiting,
  name: LimitName,
  counters: readonly NamedCounter[],
  stored: readonly NamedCounter[] = counters,
): RateLimit {
  const known = ctx.limiter.recall(counters.map(({ key }) => key))
  if (known !== undefined) throw refusal(ctx, counters, known)
  const event = { action: 'limit.reached', outcome: 'failure', detail: { policy: name } } as const
  return {
    counters,
    count: rememberExceeded(ctx, stored, countUp(stored, ctx.now)),
    event: [event, { onlyIf: justPassedQuota(stored), later: addClientLater(ctx, keyOfSubject(ctx)) }],
    isWithinLimit: areWithinQuota(stored),
  }
}

/**
 * The steps that count the request, and record the first one over a quota. Both must come first in the verb's
 * first batch. Only `refresh` records this event together with its own, which saves a statement.
 */
export const countAndRecord = (ctx: Recorder, { count, event }: RateLimit) => ({
  counted: count,
  limitEvent: recordEvent(ctx, ...event),
})

/**
 * Makes this isolate remember the counters that a statement has counted over their quota. The first request
 * over a quota publishes the counter to all other locations, after the answer has been sent.
 */
export const rememberExceeded = (
  { limiter, defer }: Pick<Context, 'limiter' | 'defer'>,
  counters: readonly NamedCounter[],
  count: Statement<CountRow>,
): Statement<CountRow> => onReturned(count, (counted) => rememberCounts({ limiter, defer }, counters, counted))

/** The same for counts that another statement has returned. */
export function rememberCounts(
  { limiter, defer }: Pick<Context, 'limiter' | 'defer'>,
  counters: readonly NamedCounter[],
  counted: readonly CountRow[],
): void {
  for (const { over, exceeded } of countersOver(counters, counted)) {
    limiter.remember(exceeded)
    if (over === 1) defer(limiter.publish(exceeded))
  }
}

/** Refuses the request if `count` has counted it over a quota. @throws AppError `rate_limited` */
export function assertWithinLimit(
  ctx: Pick<Context, 'now'>,
  { counters }: RateLimit,
  counted: readonly CountRow[],
): void {
  const [first] = countersOver(counters, counted)
  if (first !== undefined) throw refusal(ctx, counters, first.exceeded)
}

const countersOver = (counters: readonly NamedCounter[], counted: readonly CountRow[]) =>
  counters.flatMap(({ key, quota }) => {
    const row = counted.find((candidate) => candidate.key === key)
    if (row === undefined || row.count <= quota.count) return []
    return [{ over: row.count - quota.count, exceeded: { key, untilMs: row.ends_at } }]
  })

/**
 * Waits for the batch, or refuses as soon as KV reports a counter over its quota. The batch itself goes on,
 * so it must not change anything for a request over its quota.
 * @throws AppError `rate_limited`
 */
export async function unlessRefused<T>(ctx: Limiting, { counters }: RateLimit, reading: Promise<T>): Promise<T> {
  const pending = ctx.limiter.find(counters.map(({ key }) => key))
  // Rejects only if a counter is over its quota. Otherwise it never settles, so a slow or failing KV delays
  // no request.
  const refused = new Promise<never>((_, reject) => {
    pending.then((exceeded) => exceeded && reject(refusal(ctx, counters, exceeded)), reject)
  })
  return Promise.race([reading, refused])
}

/** The error for a request over one of these quotas. */
export function refusal(
  { now }: Pick<Context, 'now'>,
  counters: readonly NamedCounter[],
  { key, untilMs }: ExceededCounter,
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
