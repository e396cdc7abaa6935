import { sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import * as z from 'zod'
import type { Context } from '../context.ts'
import type { JobName } from '../core/job-name.ts'
import { DAY_MS, rfc3339, rfc3339OrNull } from '../core/time.ts'
import { countIndexes, countPeppers } from '../storage/database/root-keys.ts'
import { columnsOf, computed, type Row, withRows } from '../storage/database/rows.ts'
import type { Runnable, Statement } from '../storage/database/statement.ts'
import { jobRuns } from '../storage/schema/index.ts'
import { describeRootKeys, type RootKeyRow, type RootKeyUsage, rootKeyRow } from './root-key-usage.ts'

type Dependencies = Pick<Context, 'db' | 'ring' | 'tokens' | 'settings' | 'now'>

/** How far a rotation is. Times are RFC 3339. */
export interface KeyProgress {
  readonly current_version: number
  readonly versions: readonly RootKeyUsage[]
  /** Hashes without a pepper: this service makes none, and gives one to those that it imports. */
  readonly passwords_without_pepper: number
  /** Until then a session that is not used may depend on an older root key: taking that away would end it. */
  readonly sessions_settled_at: string | null
  /** `kid`s of the keys of access tokens. */
  readonly signing: {
    readonly current: string
    readonly published: readonly string[]
    readonly revoked: readonly string[]
  }
  /** The newest run of each job, open and finished. */
  readonly runs: readonly KeyRun[]
}

interface KeyRun {
  readonly job: string
  readonly started_at: string
  readonly finished_at: string | null
  readonly counts: Readonly<Record<string, number>>
}

/** The jobs that a rotation, and the vault's mirror, are made of. */
const keyJobs = [
  'rewrap-keys',
  'reindex-users',
  'reindex-identities',
  'retire-passwords',
  'compare-mirror',
  'restore-vault',
] as const satisfies readonly JobName[]

/**
 * Counts what is under each root key, from indexes alone and the jobs' own records. One batch, no scan.
 * @param alongside statements for the same batch, such as the record of who asked
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
  const counts = { indexes: byVersion(indexes), peppers: byVersion(peppers), wraps: countWraps(runs) }
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

/** Index `job_runs_job`, newest first, for each job and once more for those that have finished. */
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

/** What the last whole walk through the vault found under each version. */
function countWraps(runs: readonly KeyRun[]): ReadonlyMap<number, number> | undefined {
  const walk = runs.find(({ job, finished_at }) => job === 'rewrap-keys' && finished_at !== null)
  const counts = Object.entries(walk?.counts ?? {}).flatMap(([name, count]) => {
    const [, version] = /^version_(\d+)$/.exec(name) ?? []
    return version === undefined ? [] : [[Number(version), count] as const]
  })
  return walk && new Map(counts)
}
