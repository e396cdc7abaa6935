import type { Context } from '../../context.ts'
import { inChunks } from '../../core/chunks.ts'
import type { UserId } from '../../core/ids.ts'
import { log } from '../../core/log.ts'
import { type BundledEvent, openBundle } from './activity-bundle.ts'

interface ReadBundles {
  /** In no order; an event may be in two bundles. */
  readonly events: readonly BundledEvent[]
  /** Names of the bundles that are missing, altered, moved, or hold fewer events than D1 recorded. */
  readonly incomplete: readonly string[]
}

/** A bundle to read, and how many events it must hold at least. */
export interface ExpectedBundle {
  readonly period: string
  readonly events: number
}

/** Reads bundles of a person from the vault. One that cannot be read does not hide the others. */
export async function readBundles(
  { activityStore }: Pick<Context, 'activityStore'>,
  { userId, key }: { readonly userId: UserId; readonly key: CryptoKey },
  bundles: readonly ExpectedBundle[],
): Promise<ReadBundles> {
  const read = await inChunks(bundles, async ({ period, events: expected }) => {
    const stored = await activityStore.find(userId, period)
    const events = stored && (await openBundle(key, { userId, period }, stored.sealed))
    return { period, events: events ?? [], isComplete: events !== undefined && events.length >= expected }
  })
  const incomplete = read.filter(({ isComplete }) => !isComplete).map(({ period }) => period)
  if (incomplete.length > 0) log('error', 'activity_unreadable', { count: incomplete.length })
  return { events: read.flatMap(({ events }) => events), incomplete }
}
