import { HOUR_MS } from '../../core/time.ts'
import { checkSeal } from '../../crypto/event-seal.ts'
import type { KeyRing } from '../../crypto/key-ring.ts'
import type { StoredEvent } from './subject-event.ts'
import type { UncertainPart } from './uncertainty.ts'

/** What is uncertain of a row that goes into a bundle. Undefined for a row that does not. */
export type JudgeRow = (row: StoredEvent) => readonly UncertainPart[] | undefined

/**
 * Decides which archived rows go into bundles. A row with a seal that does not hold does not: somebody has
 * changed or inserted it. These go in as uncertain:
 *
 * - rows without a seal, from before the archive of this version began, and from the hour after it
 * - rows with the seal of an earlier root key that `ROOT_KEYS` no longer has, or that is distrusted
 * @param logStartMs when the first segment of this version was written; undefined before
 */
export const createJudge =
  (ring: KeyRing, logStartMs: number | undefined): JudgeRow =>
  (row) => {
    const finding = checkSeal(ring, row)
    switch (finding.state) {
      case 'sealed':
        return finding.fromDatabase
      case 'none':
        return logStartMs === undefined || row.occurred_at <= logStartMs + HOUR_MS ? ALL : undefined
      case 'distrusted':
        return ALL
      case 'unknown_version':
        return Number.parseInt(row.seal ?? '', 10) < ring.newest.version ? ALL : undefined
      case 'wrong':
        return undefined
    }
  }

const ALL = ['event'] as const
