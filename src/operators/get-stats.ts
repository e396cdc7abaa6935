import { sql } from 'drizzle-orm'
import { selectAlarms } from '../compliance/alarms/select-alarms.ts'
import { readPublication } from '../compliance/archive/checkpoint/publication.ts'
import { headIn, selectHeads } from '../compliance/archive/log/read-head.ts'
import { selectBacklog } from '../compliance/read-backlog.ts'
import type { Context } from '../context.ts'
import { ONE_FACTOR, TWO_FACTORS } from '../core/assurance.ts'
import { timePrefix } from '../core/ids.ts'
import { ADMIN_ROLE } from '../core/operator.ts'
import { rpIdOf } from '../core/relying-party.ts'
import { DAY_MS, HOUR_MS, rfc3339, rfc3339OrNull } from '../core/time.ts'
import type { Row } from '../storage/database/members.ts'
import { recordEvent } from '../storage/database/outbox.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import { jobRuns, passkeyCounts, userCounts, users } from '../storage/schema/index.ts'
import { countOpenErasures, showOpenErasures } from './count-open-erasures.ts'
import { type Operating, operatorSession } from './operation.ts'
import type { Stats } from './stats-view.ts'

/** Actions that are frequent enough for a change in their rate to be meaningful. */
const WATCHED = [
  'user.registered',
  'user.signed_in',
  'user.sign_in_failed',
  'user.second_factor_failed',
  'session.reuse_detected',
  'operator.denied',
] as const

/**
 * Returns statistics of the service. No figure scans a whole table: totals are stored, and rates cover the
 * last hour or day.
 */
export async function getStats(
  ctx: Operating & Pick<Context, 'receipts' | 'settings' | 'vaultStatements'>,
): Promise<Stats> {
  const { now } = ctx
  // In parallel with the batch. Without the vault there are the other statistics.
  const reading = readPublication(ctx).catch(() => undefined)
  const counted = await ctx.db.batch({
    users: selectUserCounts,
    admins: countAdmins,
    passkeys: selectPasskeyCounts,
    registered: countRegistered(now - DAY_MS),
    rates: countWatched(now),
    erasures: countOpenErasures(now),
    heads: selectHeads,
    backlog: selectBacklog(now),
    runs: selectRuns,
    alarms: selectAlarms,
    record: recordEvent(ctx, { action: 'operator.stats_viewed', outcome: 'success', detail: operatorSession(ctx) }),
  })
  const { sequence, eventCount } = await headIn(ctx, counted.heads[0])
  const [backlog] = counted.backlog
  const log = (await reading)?.publication?.log
  return {
    users: {
      ...Object.fromEntries(counted.users.map(({ status, users }) => [status, users])),
      admins: counted.admins[0]?.n ?? 0,
    },
    two_step: showTwoStep(counted.users, counted.admins[0]),
    passkeys: counted.passkeys.map(({ rp_id, passkeys }) => ({
      rp_id,
      count: passkeys,
      other_domain: rp_id !== rpIdOf(ctx.settings),
    })),
    registered_last_day: counted.registered[0]?.n ?? 0,
    last_hour: Object.fromEntries(counted.rates.map(({ action, n }) => [action, n])),
    erasures: showOpenErasures(counted.erasures),
    audit: {
      archived_events: eventCount,
      segments: sequence,
      late_events: backlog?.late_events ?? 0,
      dead_letters: backlog?.dead_letters ?? 0,
      rejected_events: backlog?.rejected_events ?? 0,
      published_events: log?.edge.size ?? 0,
      published_at: rfc3339OrNull(log?.cosignedAtMs ?? null),
    },
    mail: {
      open_jobs: backlog?.open_mails ?? 0,
      oldest_open_at: rfc3339OrNull(backlog?.open_mails ? now - backlog.oldest_mail_ms : null),
    },
    jobs: counted.runs.map(({ job, finished_at }) => ({ job, last_finished_at: rfc3339OrNull(finished_at) })),
    alarms: counted.alarms.map(({ name, since, last_at, count }) => ({
      name,
      since: rfc3339(since),
      last_at: rfc3339(last_at),
      count,
    })),
  }
}

const countMembers = { status: userCounts.status, users: userCounts.users, two_step: userCounts.twoStep } as const

const selectUserCounts = withRows(countMembers, sql`SELECT ${columnsOf(countMembers)} FROM user_counts`)

const passkeyMembers = { rp_id: passkeyCounts.rpId, passkeys: passkeyCounts.passkeys } as const

const selectPasskeyCounts = withRows(
  passkeyMembers,
  sql`SELECT ${columnsOf(passkeyMembers)} FROM passkey_counts ORDER BY rp_id`,
)

const oneCount = { n: computed.integer(sql`count(*)`) } as const

const adminCounts = {
  ...oneCount,
  without: computed.integer(sql`count(*) FILTER (WHERE ${users.twoStepAt} IS NULL)`),
} as const

/** Counts active admins, and those who have not turned two-step sign-in on. By the primary keys. */
const countAdmins = withRows(
  adminCounts,
  sql`
    SELECT ${columnsOf(adminCounts)} FROM user_roles held CROSS JOIN users ON users.id = held.user_id
    WHERE held.role = ${ADMIN_ROLE} AND users.status = 'active'`,
)

/**
 * Active accounts by the level that their owners chose. An account whose date has passed needs two factors as
 * well, but no trigger sees time pass, so it counts as one factor until the owner turns two-step sign-in on.
 */
function showTwoStep(
  counts: readonly Row<typeof countMembers>[],
  admins: Row<typeof adminCounts> | undefined,
): Stats['two_step'] {
  const active = counts.find(({ status }) => status === 'active')
  const on = active?.two_step ?? 0
  return {
    active_users: { [ONE_FACTOR]: (active?.users ?? 0) - on, [TWO_FACTORS]: on },
    admins_without: admins?.without ?? 0,
  }
}

const countRegistered = (sinceMs: number) =>
  withRows(oneCount, sql`SELECT ${columnsOf(oneCount)} FROM users WHERE created_at >= ${sinceMs}`)

/** Counts each watched action in the last hour: one range of the index `audit_events_action` for each. */
function countWatched(now: number) {
  const members = {
    action: computed.text(sql`value`),
    n: computed.integer(sql`(SELECT count(*) FROM audit_events
      WHERE audit_events.action = value AND audit_events.id >= ${timePrefix(now - HOUR_MS)})`),
  } as const
  return withRows(members, sql`SELECT ${columnsOf(members)} FROM json_each(${JSON.stringify(WATCHED)})`)
}

const runMembers = { job: jobRuns.job, finished_at: computed.integerOrNull(sql`max(finished_at)`) } as const

/** Reads the whole table, which has a few runs for each of ninety days. */
const selectRuns = withRows(runMembers, sql`SELECT ${columnsOf(runMembers)} FROM job_runs GROUP BY job ORDER BY job`)
