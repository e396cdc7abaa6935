import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import type { JobName } from '../core/job-name.ts'
import { CACHED_KEY_SECONDS } from '../core/lifetimes.ts'
import { log } from '../core/log.ts'
import { isInUse, noteRootKeysInUse, selectMissingRootKeys } from '../storage/database/root-keys.ts'
import { assignments } from '../storage/database/writes.ts'
import { rootKeys } from '../storage/schema/index.ts'

type Dependencies = Pick<Context, 'db' | 'ring' | 'now'>

/**
 * Records which root keys are in use and which are no longer used, and logs those that are missing. Every run
 * of the cron does this. With a single key it costs a few look-ups.
 * @returns the missing versions
 */
export async function noteRootKeys(ctx: Dependencies): Promise<readonly number[]> {
  const { db, ring, now } = ctx
  await db.batch({ inUse: noteRootKeysInUse(ring, now), drained: noteDrained(ring.newest.version, now) })
  return findMissingRootKeys(ctx)
}

/** Finds the versions that stored data depends on but `ROOT_KEYS` lacks. They are logged. */
export async function findMissingRootKeys({ db, ring }: Pick<Context, 'db' | 'ring'>): Promise<readonly number[]> {
  const versions = (await db.all(selectMissingRootKeys(ring))).map(({ version }) => version)
  if (versions.length > 0) log('error', 'root_key_missing', { versions })
  return versions
}

/**
 * Until this much time has passed, a data key may be cached, or created by an isolate that does not have the
 * newest root key yet.
 */
const SETTLED_AFTER_MS = CACHED_KEY_SECONDS * 1000

/**
 * Marks root keys that no stored data depends on. Such a key has no index and no password hash. The last
 * complete pass through the vault found no data key under it, and that through the events no seal. Both must
 * have begun at least an hour after the newest root key was first used. The `+` removes the affinity of the
 * column; with it, SQLite would scan the whole index of an expression.
 */
const noteDrained = (newest: number, now: number): SQL => sql`
  UPDATE root_keys SET ${assignments(rootKeys, { drained_at: now })}
  WHERE drained_at IS NULL AND version <> ${newest} AND NOT ${isInUse(sql`(+root_keys.version)`)}
    ${sql.join([foundNone('rewrap-keys', newest), foundNone('reseal-events', newest)], sql``)}`

const foundNone = (job: JobName, newest: number): SQL => sql`
  AND EXISTS (
    SELECT 1 FROM (
      SELECT started_at, counts FROM job_runs WHERE job = ${job} AND finished_at IS NOT NULL
      ORDER BY id DESC LIMIT 1) AS walk
    WHERE coalesce(walk.counts ->> ('$.version_' || root_keys.version), 0) = 0
      AND walk.started_at >= ${SETTLED_AFTER_MS} + (SELECT first_seen_at FROM root_keys WHERE version = ${newest}))`
