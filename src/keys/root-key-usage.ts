import { rfc3339OrNull } from '../core/time.ts'
import type { KeyRing } from '../crypto/key-ring.ts'
import type { Row } from '../storage/database/members.ts'
import { countSealedRequests } from '../storage/database/root-keys.ts'
import { computed } from '../storage/database/rows.ts'
import { rootKeys } from '../storage/schema/index.ts'

/**
 * - `current`: the version that new data is written under.
 * - `in_use`: stored data depends on it.
 * - `drained`: no stored data depends on it any more, so it can be removed.
 * - `unused`: configured, but nothing was ever written under it.
 * - `missing`: stored data depends on it, but `ROOT_KEYS` lacks it or has another secret for it.
 */
export type RootKeyState = 'current' | 'in_use' | 'drained' | 'unused' | 'missing'

/** What depends on one version of the root key. */
export interface RootKeyUsage {
  readonly version: number
  readonly state: RootKeyState
  /** Whether tokens made with it are accepted. */
  readonly is_trusted: boolean
  readonly first_seen_at: string | null
  /** Number of data keys, counted by the last complete pass through the vault; null before the first pass. */
  readonly wrapped_keys: number | null
  /** Number of users whose e-mail index is under it. */
  readonly indexes: number
  /** Number of users whose password hash is under its pepper. */
  readonly passwords: number
  /**
   * Number of events whose seal it made, counted by the last complete pass through the events; null before
   * the first pass. Includes dead letters.
   */
  readonly sealed_events: number | null
  /** Number of legal holds and open requests to erase whose seal it made. */
  readonly sealed_requests: number
}

/** A row of `root_keys`. */
export const rootKeyRow = {
  version: rootKeys.version,
  fingerprint: rootKeys.fingerprint,
  first_seen_at: rootKeys.firstSeenAt,
  drained_at: rootKeys.drainedAt,
  sealed_requests: computed.integer(countSealedRequests),
} as const
export type RootKeyRow = Row<typeof rootKeyRow>

/** Counts by root key version. */
export interface UsageCounts {
  readonly indexes: ReadonlyMap<number, number>
  readonly peppers: ReadonlyMap<number, number>
  readonly wraps: ReadonlyMap<number, number> | undefined
  readonly events: ReadonlyMap<number, number> | undefined
}

/** Describes every version that is configured, recorded or counted anywhere, highest first. */
export function describeRootKeys(ring: KeyRing, rows: readonly RootKeyRow[], counts: UsageCounts): RootKeyUsage[] {
  const versions = [
    ...[...ring.all, ...rows].map(({ version }) => version),
    ...[counts.indexes, counts.peppers, counts.wraps ?? new Map<number, number>()].flatMap((map) => [...map.keys()]),
  ]
  return [...new Set(versions)]
    .filter((version) => version > 0)
    .sort((a, b) => b - a)
    .map((version) => {
      const row = rows.find((candidate) => candidate.version === version)
      const usage = {
        wrapped_keys: counts.wraps ? (counts.wraps.get(version) ?? 0) : null,
        indexes: counts.indexes.get(version) ?? 0,
        passwords: counts.peppers.get(version) ?? 0,
        sealed_events: counts.events ? (counts.events.get(version) ?? 0) : null,
        sealed_requests: row?.sealed_requests ?? 0,
      }
      return {
        version,
        state: stateOf(ring, version, row, usage),
        is_trusted: ring.trusted.some((keys) => keys.version === version),
        first_seen_at: rfc3339OrNull(row?.first_seen_at ?? null),
        ...usage,
      }
    })
}

type Usage = Pick<RootKeyUsage, 'wrapped_keys' | 'indexes' | 'passwords' | 'sealed_events' | 'sealed_requests'>

function stateOf(ring: KeyRing, version: number, row: RootKeyRow | undefined, usage: Usage): RootKeyState {
  const configured = ring.all.find((keys) => keys.version === version)
  const sealed = (usage.sealed_events ?? 0) + usage.sealed_requests
  const isUsed = usage.indexes + usage.passwords + (usage.wrapped_keys ?? 0) + sealed > 0
  const isNoted = row !== undefined && row.drained_at === null
  if (!configured || (isNoted && row.fingerprint !== configured.fingerprint))
    return isNoted || isUsed ? 'missing' : 'drained'
  if (version === ring.newest.version) return 'current'
  if (isNoted || isUsed) return 'in_use'
  return row === undefined ? 'unused' : 'drained'
}
