import { type SQL, sql } from 'drizzle-orm'
import { selectHead } from '../compliance/archive/read-head.ts'
import { GENESIS } from '../compliance/archive/segment.ts'
import { selectBacklog } from '../compliance/read-backlog.ts'
import type { Context } from '../context.ts'
import { timePrefix } from '../core/ids.ts'
import { ADMIN_ROLE } from '../core/operator.ts'
import { DAY_MS, rfc3339OrNull } from '../core/time.ts'
import { recordEvent } from '../storage/outbox.ts'
import { operatorSession } from './operation.ts'
import { countOpen, toCounts } from './run-erasures.ts'

const HOUR_MS = 3_600_000

/** What happens often enough that a change in its rate means something. */
const WATCHED = [
  'user.registered',
  'user.signed_in',
  'user.sign_in_failed',
  'session.reuse_detected',
  'operator.denied',
] as const

type Dependencies = Pick<Context, 'db' | 'actor' | 'requestId' | 'now' | 'outbox'>

/** Figures of the service. None is counted over a whole table: totals are kept, and rates look back an hour or a day. */
export async function getStats(ctx: Dependencies) {
  const { now } = ctx
  const [users, [admins], [registered], rates, erasures, [head = GENESIS], [backlog], runs] = await ctx.db.batch([
    sql<{ status: string; users: number }>`SELECT status, users FROM user_counts`,
    countAdmins,
    sql<Count>`SELECT count(*) AS n FROM users WHERE created_at >= ${now - DAY_MS}`,
    countWatched(now),
    countOpen(now),
    selectHead,
    selectBacklog(now),
    selectRuns,
    recordEvent(ctx, { action: 'operator.stats_viewed', outcome: 'success', detail: operatorSession(ctx) }),
  ])
  return {
    users: { ...Object.fromEntries(users.map((row) => [row.status, row.users])), admins: admins?.n ?? 0 },
    registered_last_day: registered?.n ?? 0,
    last_hour: Object.fromEntries(rates.map(({ action, n }) => [action, n])),
    erasures: toCounts(erasures),
    audit: {
      archived_events: head.eventCount,
      segments: head.sequence,
      late_events: backlog?.late_events ?? 0,
      dead_letters: backlog?.dead_letters ?? 0,
    },
    mail: {
      open_jobs: backlog?.open_mails ?? 0,
      oldest_open_at: rfc3339OrNull(backlog?.open_mails ? now - backlog.oldest_mail_ms : null),
    },
    jobs: runs.map(({ job, finished_at }) => ({ job, last_finished_at: rfc3339OrNull(finished_at) })),
  }
}

interface Count {
  readonly n: number
}

/** Active ones; by the primary keys. */
const countAdmins: SQL<Count> = sql`
  SELECT count(*) AS n FROM user_roles held CROSS JOIN users ON users.id = held.user_id
  WHERE held.role = ${ADMIN_ROLE} AND users.status = 'active'`

/** Index `audit_events_action`, one range for each action. */
const countWatched = (now: number): SQL<Count & { readonly action: string }> => sql`
  SELECT value AS action, (SELECT count(*) FROM audit_events
    WHERE audit_events.action = value AND audit_events.id >= ${timePrefix(now - HOUR_MS)}) AS n
  FROM json_each(${JSON.stringify(WATCHED)})`

/** A few runs a day for ninety days. */
const selectRuns: SQL<{ readonly job: string; readonly finished_at: number | null }> = sql`
  SELECT job, max(finished_at) AS finished_at FROM job_runs GROUP BY job ORDER BY job`
