import type { EventWithSeal } from '../../core/sealed-event.ts'
import { type DatabasePart, databaseParts } from '../../core/sealed-event.ts'
import { checkSeal } from '../../crypto/event-seal.ts'
import type { KeyRing } from '../../crypto/key-ring.ts'

/** What may not be true of an event: one of its parts, or all of it. */
export const uncertainParts = ['event', ...databaseParts] as const
export type UncertainPart = 'event' | DatabasePart

/**
 * What this service cannot vouch for: parts that only the database knew, or the whole event if it has no seal
 * that holds. Events that were recorded before events had seals are among the latter.
 */
export function uncertaintyOf(ring: Pick<KeyRing, 'all' | 'trusted'>, event: EventWithSeal): readonly UncertainPart[] {
  const finding = checkSeal(ring, event)
  return finding.state === 'sealed' ? finding.fromDatabase : ['event']
}
