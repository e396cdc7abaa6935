import { AppError } from '../../core/errors.ts'
import type { UserId } from '../../core/ids.ts'
import type { KeyVault } from '../../core/ports.ts'
import type { Settings } from '../../core/settings.ts'
import { pseudonymOf } from '../../crypto/pseudonym.ts'
import { periodAt } from './bundle-period.ts'

/** What `latchkey audit verify --person` holds the archive against, beside the ids of the events. */
interface ArchiveClaim {
  /** The person in lines of format 2. Null if the key is destroyed. */
  readonly pseudonym: string | null
  /** How many events of the export are in each period. */
  readonly periods: readonly { readonly first_day: string; readonly days: number; readonly events: number }[]
}

interface Dependencies {
  readonly vault: Pick<KeyVault, 'findDerived'>
  readonly settings: Pick<Settings, 'AUDIT_BUNDLE_DAYS'>
}

/** @throws AppError `unavailable` when no store returns the key */
export async function describeArchive(
  { vault, settings }: Dependencies,
  userId: UserId,
  events: readonly { readonly occurred_at: string }[],
): Promise<ArchiveClaim> {
  const lookup = await vault.findDerived(userId, 'pseudonym')
  if (lookup.kind === 'unavailable') throw new AppError('unavailable')
  const byPeriod = Map.groupBy(events, ({ occurred_at }) => periodAt(Date.parse(occurred_at), settings).startMs)
  return {
    pseudonym: lookup.kind === 'found' ? pseudonymOf(lookup.key, 'user', userId) : null,
    periods: [...byPeriod]
      .sort(([a], [b]) => a - b)
      .map(([startMs, held]) => ({
        first_day: new Date(startMs).toISOString().slice(0, 10),
        days: settings.AUDIT_BUNDLE_DAYS,
        events: held.length,
      })),
  }
}
