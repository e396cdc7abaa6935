import { sql } from 'drizzle-orm'
import { deriveKeyRing, type KeyRing } from '../../crypto/key-ring.ts'
import { parseRootKeys } from '../../runtime/config.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { rootKeys } from '../../storage/schema/index.ts'
import { type D1Target, executeSteps } from '../shared/d1.ts'
import { findVariable } from './find-variable.ts'

/**
 * The keys of a command that records an event: the archive takes only events that are sealed with
 * `ROOT_KEYS`. With other keys than those of the service, the command would take effect, and its event would
 * be refused.
 * @throws ConfigError when `ROOT_KEYS` is missing or malformed
 * @throws Error when the database knows another key under one of the versions
 */
export async function openRing(target: D1Target): Promise<KeyRing> {
  const ring = await deriveKeyRing(parseRootKeys(findVariable('ROOT_KEYS', target)))
  const { other } = await executeSteps(target, { other: selectOtherKeys(ring) })
  const versions = other.map(({ version }) => version)
  if (versions.length === 0) return ring
  throw new Error(
    `ROOT_KEYS are not the keys of this service: version ${versions.join(', ')} differs. Nothing was changed.`,
  )
}

const members = { version: rootKeys.version } as const

/** Selects the versions of the ring that the database knows with another fingerprint. */
export const selectOtherKeys = ({ all }: KeyRing) =>
  withRows(
    members,
    sql`
      SELECT ${columnsOf(members)} FROM root_keys, json_each(${JSON.stringify(
        all.map(({ version, fingerprint }) => ({ version, fingerprint })),
      )}) AS ring
      WHERE root_keys.version = ring.value ->> 'version' AND root_keys.fingerprint <> ring.value ->> 'fingerprint'
      ORDER BY root_keys.version`,
  )
