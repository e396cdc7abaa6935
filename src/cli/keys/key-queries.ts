import { sql } from 'drizzle-orm'
import type { JobName } from '../../core/job-name.ts'
import { countIndexes, countPeppers, countSealedRequests } from '../../storage/database/root-keys.ts'
import { columnsOf } from '../../storage/database/rows.ts'
import { assignments } from '../../storage/database/writes.ts'
import { rootKeys } from '../../storage/schema/index.ts'
import { toText } from '../shared/d1.ts'

const walked = (job: JobName): string => `
  (SELECT ifnull(json_extract(counts, '$.version_' || root_keys.version), 0) FROM job_runs
    WHERE job = '${job}' AND finished_at IS NOT NULL ORDER BY id DESC LIMIT 1)`

/**
 * A row for each root key version that was ever in use. `data_keys` and `events` are the counts of the last
 * complete passes through the vault and the events.
 */
export const LIST_ROOT_KEYS = `
  SELECT root_keys.version, CASE WHEN drained_at IS NULL THEN 'in use' ELSE 'drained' END AS state,
    ${walked('rewrap-keys')} AS data_keys,
    ifnull(indexes.count, 0) AS indexes, ifnull(peppers.count, 0) AS passwords,
    ${walked('reseal-events')} AS events, ${toText(countSealedRequests)} AS requests,
    datetime(first_seen_at / 1000, 'unixepoch') AS first_seen_utc
  FROM root_keys
    LEFT JOIN (${toText(countIndexes)}) AS indexes ON indexes.version = root_keys.version
    LEFT JOIN (${toText(countPeppers)}) AS peppers ON peppers.version = root_keys.version
  ORDER BY root_keys.version DESC`

/** Version 0 means a hash without a pepper. This service makes none. */
export const COUNT_OLD_PASSWORDS = `SELECT version AS pepper, count AS passwords FROM (${toText(countPeppers)})`

/** Returns a row when the version was in use. @param version decimal digits */
export const forgetRootKey = (version: string): string =>
  toText(sql`
    UPDATE root_keys SET ${assignments(rootKeys, { drained_at: sql`unixepoch() * 1000` })}
    WHERE version = ${Number(version)} AND drained_at IS NULL
    RETURNING ${columnsOf(forgotten)}`)

const forgotten = { version: rootKeys.version } as const
