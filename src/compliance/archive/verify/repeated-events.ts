import { type ChainFinding, found } from './chain-finding.ts'
import type { WalkedEvent } from './chain-walk.ts'

interface Seen {
  readonly event: WalkedEvent
  readonly sequence: number
}

/**
 * Compares the events whose ids may stand in two segments. The service archives an event again if the
 * database gives a wrong segment for it, so equal contents are no fault. Segments of format 1 were written
 * without that rule.
 * @param ids ids to compare; some may stand in one segment only
 */
export function findRepeated(ids: ReadonlySet<string>) {
  const first = new Map<string, Seen>()
  let count = 0
  return {
    visit(event: WalkedEvent, sequence: number): ChainFinding | undefined {
      if (!ids.has(event.id)) return undefined
      const seen = first.get(event.id)
      if (seen === undefined) first.set(event.id, { event, sequence })
      else if (isOld(event)) {
        return found('duplicate', sequence, `event ${event.id} in segment ${sequence} was already archived`)
      } else if (!hasSameContents(seen.event, event)) {
        return found(
          'repeated',
          sequence,
          `event ${event.id} has other contents in segment ${sequence} than in segment ${seen.sequence}`,
        )
      } else count++
      return undefined
    },
    count: () => count,
  }
}

const isOld = (event: WalkedEvent): boolean => !('nonce' in event)

/** Pseudonyms may differ: they are random after the erasure of the person. */
const hasSameContents = (a: WalkedEvent, b: WalkedEvent): boolean =>
  a.occurred_at === b.occurred_at &&
  a.action === b.action &&
  a.actor_type === b.actor_type &&
  (a.outcome === b.outcome || knowsFromDatabase(a, 'outcome') || knowsFromDatabase(b, 'outcome'))

const knowsFromDatabase = ({ from_database = [] }: WalkedEvent, part: string): boolean => from_database.includes(part)
