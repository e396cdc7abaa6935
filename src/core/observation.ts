import type { AlarmName } from './alarm.ts'
import type { ProblemCode } from './errors.ts'
import { log } from './log.ts'

// Measurements of the service's own work: codes, counts and times, never the user concerned.

/** Reported once for every answered request. */
export interface RequestObserved {
  readonly event: 'request'
  readonly request_id: string
  readonly method: string
  /**
   * The pattern of the route, such as `/api/v1/users/me/sessions/:id`; `unmatched` if no route has the path.
   */
  readonly route: string
  readonly status: number
  /** `ok`, or the code of the problem that ended the request. */
  readonly code: ProblemCode | 'ok'
  /**
   * Time until the answer was ready. In production this is only the time spent waiting, because the clock of
   * a Worker does not advance while code runs.
   */
  readonly duration_ms: number
}

/** Reported once for every batch that a queue delivered. */
export interface QueueBatchObserved {
  readonly event: 'queue_batch'
  readonly queue: string
  readonly messages: number
  /** How many of the messages were returned to the queue. */
  readonly retried: number
  /** Age of the oldest message when the batch arrived. */
  readonly lag_ms: number
  readonly duration_ms: number
}

/** Work that is not done yet. No count exceeds 10,000. */
export interface Backlog {
  /** Events that are recorded and not yet archived. An event is usually archived within seconds. */
  readonly unarchived_events: number
  /** How many of them are older than 15 minutes. More than zero means that the archive is behind. */
  readonly late_events: number
  readonly open_mails: number
  /** Age of the oldest mail that is neither sent nor given up; 0 if there is none. */
  readonly oldest_mail_ms: number
  /** Messages that a queue gave up on, and that an operator has not replayed. */
  readonly dead_letters: number
  /** Events that the archive refused, and that an operator has not settled. */
  readonly rejected_events: number
  /** Erasures that have been due for more than a day and are not under a legal hold. */
  readonly overdue_erasures: number
}

/** Reported once for every run of the cron. */
export interface CronRunObserved {
  readonly event: 'cron_run'
  readonly cron: string
  /** Number of tasks that failed. Each has a log line of its own. */
  readonly failed: number
  readonly lag_ms: number
  readonly duration_ms: number
  /** Null if the database did not answer. */
  readonly backlog: Backlog | null
  /**
   * The alarms that this run found standing, and those that requests raised. Only the latter come from the
   * database.
   */
  readonly alarms: readonly AlarmName[]
}

export type Observation = RequestObserved | QueueBatchObserved | CronRunObserved

/** Counters for dashboards and alerts. A call never waits and never throws. */
export interface Metrics {
  count(observation: Observation): void
}

/** Metrics that discard every observation. */
export const noMetrics: Metrics = { count: () => undefined }

/**
 * Logs one line about finished work and counts it. An error during the work has an `error` line of its own.
 */
export function report(metrics: Metrics, observation: Observation): void {
  const { event, ...fields } = observation
  log('info', event, fields)
  metrics.count(observation)
}
