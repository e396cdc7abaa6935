import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { CACHED_KEY_SECONDS } from '../core/lifetimes.ts'
import { log } from '../core/log.ts'
import { isInUse, noteRootKeysInUse, selectMissingRootKeys } from '../storage/database/root-keys.ts'
import { assignments } from '../storage/database/writes.ts'
import { rootKeys } from '../storage/schema/index.ts'

type Dependencies = Pick<Context, 'db' | 'ring' | 'now'>

/**
 * Notes which root keys are in use, and which are not any more; complains of those that are missing. Every
 * run of the cron does it: a few look-ups while there is one key.
 */
export async function noteRootKeys(ctx: Dependencies): Promise<void> {
  const { db, ring, now } = ctx
  await db.batch({ inUse: noteRootKeysInUse(ring, now), drained: noteDrained(ring.newest.version, now) })
  await findMissingRootKeys(ctx)
}

/** The versions that things are stored under and that `ROOT_KEYS` does not have; the log names them. */
export async function findMissingRootKeys({ db, ring }: Pick<Context, 'db' | 'ring'>): Promise<readonly number[]> {
  const versions = (await db.all(selectMissingRootKeys(ring))).map(({ version }) => version)
  if (versions.length > 0) log('error', 'root_key_missing', { versions })
  return versions
}

/**
 * A key may have been cached, or created by an isolate that had not heard of the newest root key, until then.
 */
const SETTLED_AFTER_MS = CACHED_KEY_SECONDS * 1000

/**
 * Nothing is stored under a root key any more when there is no index, no password hash, and no data key in
 * the last whole walk through the vault, which must have begun an hour after the newest key was first used.
 * The `+` takes the column's affinity away: with it SQLite would walk through the whole index of an
 * expression.
 */
const noteDrained = (newest: number, now: number): SQL => sql`
  UPDATE root_keys SET ${assignments(rootKeys, { drained_at: now })}
  WHERE drained_at IS NULL AND version <> ${newest} AND NOT ${isInUse(sql`(+root_keys.version)`)}
    AND EXISTS (
      SELECT 1 FROM (
        SELECT started_at, counts FROM job_runs WHERE job = 'rewrap-keys' AND finished_at IS NOT NULL
        ORDER BY id DESC LIMIT 1) AS walk
      WHERE coalesce(walk.counts ->> ('$.version_' || root_keys.version), 0) = 0
        AND walk.started_at >= ${SETTLED_AFTER_MS} + (SELECT first_seen_at FROM root_keys WHERE version = ${newest}))`
