import { sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import * as z from 'zod'
import type { Context } from '../context.ts'
import type { JobName } from '../core/job-name.ts'
import { DAY_MS, rfc3339, rfc3339OrNull } from '../core/time.ts'
import type { Row } from '../storage/database/members.ts'
import { countIndexes, countPeppers } from '../storage/database/root-keys.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import type { Runnable, Statement } from '../storage/database/statement.ts'
import { jobRuns } from '../storage/schema/index.ts'
import { describeRootKeys, type RootKeyRow, type RootKeyUsage, rootKeyRow } from './root-key-usage.ts'

type Dependencies = Pick<Context, 'db' | 'ring' | 'tokens' | 'settings' | 'now'>

/** The progress of a rotation. Times are RFC 3339. */
export interface KeyProgress {
  readonly current_version: number
  readonly versions: readonly RootKeyUsage[]
  /**
   * Number of password hashes without a pepper. This service makes none, and adds a pepper to imported
   * hashes.
   */
  readonly passwords_without_pepper: number
  /**
   * Until this time, an unused session may depend on an older root key. Removing that key earlier would end
   * the session.
   */
  readonly sessions_settled_at: string | null
  /** `kid`s of the keys that sign access tokens. */
  readonly signing: {
    readonly current: string
    readonly published: readonly string[]
    readonly revoked: readonly string[]
  }
  /** The newest open run and the newest finished run of each job. */
  readonly runs: readonly KeyRun[]
}

interface KeyRun {
  readonly job: string
  readonly started_at: string
  readonly finished_at: string | null
  readonly counts: Readonly<Record<string, number>>
}

/** The jobs of a rotation and of the mirror. */
const keyJobs = [
  'rewrap-keys',
  'reindex-users',
  'reindex-identities',
  'reseal-events',
  'check-seals',
  'rebind-ciphertexts',
  'retire-passwords',
  'compare-mirror',
  'restore-vault',
] as const satisfies readonly JobName[]

/**
 * Counts what depends on each root key. Reads only indexes and the records of the jobs: one batch, no scan.
 * @param alongside statements for the same batch, such as the event that records the request
 */
export async function getKeyProgress(ctx: Dependencies, alongside: readonly Runnable[] = []): Promise<KeyProgress> {
  const { db, ring, tokens, settings, now } = ctx
  const { rootKeys, indexes, peppers, rows } = await db.batch({
    rootKeys: selectRootKeys,
    indexes: countIndexes,
    peppers: countPeppers,
    rows: selectNewestRuns,
    alongside,
  })
  const [signing, published] = await Promise.all([tokens.keys.current(now), tokens.keys.published(now)])
  const runs = rows.map(describeRun)
  const counts = {
    indexes: byVersion(indexes),
    peppers: byVersion(peppers),
    wraps: countWalked(runs, 'rewrap-keys'),
    events: countWalked(runs, 'reseal-events'),
  }
  const newest = rootKeys.find(({ version }) => version === ring.newest.version)
  return {
    current_version: ring.newest.version,
    versions: describeRootKeys(ring, rootKeys, counts),
    passwords_without_pepper: counts.peppers.get(0) ?? 0,
    sessions_settled_at: newest ? rfc3339(newest.first_seen_at + settings.SESSION_IDLE_DAYS * DAY_MS) : null,
    signing: {
      current: signing.kid,
      published: published.map(({ kid }) => kid),
      revoked: settings.REVOKED_SIGNING_KEYS,
    },
    runs,
  }
}

const selectRootKeys: Statement<RootKeyRow> = withRows(rootKeyRow, sql`SELECT ${columnsOf(rootKeyRow)} FROM root_keys`)

const run = alias(jobRuns, 'run')

const runRow = {
  job: run.job,
  started_at: run.startedAt,
  finished_at: run.finishedAt,
  counts: computed.json(sql`${run.counts}`, z.record(z.string(), z.number())),
} as const
type RunRow = Row<typeof runRow>

/** Selects the newest open run and the newest finished run of each job. Index `job_runs_job`. */
export const selectNewestRuns: Statement<RunRow> = withRows(
  runRow,
  sql`
    SELECT ${columnsOf(runRow)}
    FROM json_each(${JSON.stringify(keyJobs)}) AS name, json_each('[0, 1]') AS wanted, job_runs AS run
    WHERE run.id = (
      SELECT id FROM job_runs WHERE job = name.value AND (finished_at IS NOT NULL) = wanted.value
      ORDER BY id DESC LIMIT 1)`,
)

const describeRun = ({ job, started_at, finished_at, counts }: RunRow): KeyRun => ({
  job,
  started_at: rfc3339(started_at),
  finished_at: rfc3339OrNull(finished_at),
  counts,
})

const byVersion = (rows: readonly { readonly version: number; readonly count: number }[]) =>
  new Map(rows.map(({ version, count }) => [version, count]))

/** The counts by root key version of the last complete run of a job: data keys, or events. */
function countWalked(runs: readonly KeyRun[], name: JobName): ReadonlyMap<number, number> | undefined {
  const walk = runs.find(({ job, finished_at }) => job === name && finished_at !== null)
  const counts = Object.entries(walk?.counts ?? {}).flatMap(([name, count]) => {
    const [, version] = /^version_(\d+)$/.exec(name) ?? []
    return version === undefined ? [] : [[Number(version), count] as const]
  })
  return walk && new Map(counts)
}
