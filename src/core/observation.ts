import type { ProblemCode } from './errors.ts'
import { log } from './log.ts'

// What the service says about its own work: codes, counts and times, never who it was for.

/** An answered request. */
export interface RequestObserved {
  readonly event: 'request'
  readonly request_id: string
  readonly method: string
  /** The pattern, such as `/api/v1/users/me/sessions/:id`; `unmatched` for a path that is none of ours. */
  readonly route: string
  readonly status: number
  /** `ok`, or the problem that ended it. */
  readonly code: ProblemCode | 'ok'
  /**
   * Until the answer was ready. In production only waiting counts: the clock stands still while the CPU
   * works.
   */
  readonly duration_ms: number
}

/** A batch that a queue has delivered. */
export interface QueueBatchObserved {
  readonly event: 'queue_batch'
  readonly queue: string
  readonly messages: number
  /** Of them given back to the queue. */
  readonly retried: number
  /** Age of the oldest message when the batch came. */
  readonly lag_ms: number
  readonly duration_ms: number
}

/** What waits to be done. Counts end at 10,000. */
export interface Backlog {
  /** Recorded and not in the archive; seconds are usual. */
  readonly unarchived_events: number
  /** Of them sent more than 15 minutes ago: the archive does not keep up. */
  readonly late_events: number
  readonly open_mails: number
  /** Age of the oldest mail that is not sent and not given up; 0 without one. */
  readonly oldest_mail_ms: number
  /** Kept for an operator, and not replayed. */
  readonly dead_letters: number
  /** Due for more than a day, without a legal hold. */
  readonly overdue_erasures: number
}

/** A run of the cron, and what it left behind. */
export interface CronRunObserved {
  readonly event: 'cron_run'
  readonly cron: string
  /** Tasks that failed; each has a line of its own. */
  readonly failed: number
  readonly lag_ms: number
  readonly duration_ms: number
  /** Null when the database did not say. */
  readonly backlog: Backlog | null
}

export type Observation = RequestObserved | QueueBatchObserved | CronRunObserved

/** Counters for dashboards and alerts. Nobody waits for it, and it never throws. */
export interface Metrics {
  count(observation: Observation): void
}

/** Counts nothing. */
export const noMetrics: Metrics = { count: () => undefined }

/**
 * Writes one line about finished work, and counts it. What went wrong in it has an `error` line of its own.
 */
export function report(metrics: Metrics, observation: Observation): void {
  const { event, ...fields } = observation
  log('info', event, fields)
  metrics.count(observation)
}
