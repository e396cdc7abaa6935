import type { Context } from '../../context.ts'
import type { UserId } from '../../core/ids.ts'
import { type BundledEvent, hashBundle, mergeEvents, openBundle, sealBundle } from './activity-bundle.ts'
import { type BundlePeriod, formatPeriod, periodAt } from './bundle-period.ts'

/** What D1 knows of a person's bundles: number of events by the name of the period. */
export type KnownBundles = ReadonlyMap<string, number>

/** A bundle as it is now stored, for `activity_bundles`. */
export interface WrittenBundle {
  readonly user_id: UserId
  readonly period: string
  readonly events: number
  readonly sha256: string
}

interface Addition {
  readonly userId: UserId
  readonly key: CryptoKey
  readonly events: readonly BundledEvent[]
  readonly known: KnownBundles
}

/** Adds events of a person to the bundles of their periods. @throws BundleContention, TimeLimitError */
export async function storeEvents(
  ctx: Pick<Context, 'activityStore' | 'settings'>,
  { events, ...addition }: Addition,
): Promise<readonly WrittenBundle[]> {
  const written: WrittenBundle[] = []
  for (const [startMs, ofPeriod] of Map.groupBy(events, (event) => periodAt(event.occurred_at, ctx.settings).startMs))
    written.push(await storeBundle(ctx, periodAt(startMs, ctx.settings), { ...addition, events: ofPeriod }))
  return written
}

/**
 * A part that has this many events is full, and the next part is begun. An isolate holds a whole part in
 * memory, about 3 MB.
 */
const FULL = 10_000

/** Every failed attempt means that another run has written the bundle, or that a part cannot be read. */
const MAX_ATTEMPTS = 30

/** The bundle changed at each attempt. */
class BundleContention extends Error {
  override readonly name = 'BundleContention'
}

/**
 * Adds events to the bundle of their period: read, merge by id, write if no other run has written since.
 * Adding events that are there already writes nothing, so each run can be repeated.
 *
 * A bundle that D1 knows and that cannot be read is left as it is, because an operator may still put the
 * right object back. Its period then gets a further part. One that D1 does not know is replaced: an attacker
 * has put it there, since a run that was cut off leaves a bundle that can be read.
 */
async function storeBundle(
  { activityStore }: Pick<Context, 'activityStore'>,
  first: BundlePeriod,
  { userId, key, events, known }: Addition,
): Promise<WrittenBundle> {
  let part = openPart(first, known)
  // Most bundles are new, and need no read.
  let isFree = !known.has(formatPeriod(part))
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const period = formatPeriod(part)
    const place = { userId, period }
    const stored = isFree ? undefined : await activityStore.find(userId, period)
    const held = stored && (await openBundle(key, place, stored.sealed))
    if (stored !== undefined && held === undefined && known.has(period)) {
      part = { ...part, part: part.part + 1 }
      isFree = !known.has(formatPeriod(part))
      continue
    }
    const merged = mergeEvents(held ?? [], events)
    if (stored !== undefined && held?.length === merged.length) return describe(place, merged, stored.sealed)
    const sealed = await sealBundle(key, place, merged)
    const isWritten =
      stored === undefined
        ? await activityStore.create(userId, period, sealed)
        : await activityStore.replace(userId, period, sealed, stored.etag)
    if (isWritten) return describe(place, merged, sealed)
    isFree = false
  }
  throw new BundleContention()
}

/** The newest part of the period that D1 knows, or the next one if that part is full. */
function openPart(first: BundlePeriod, known: KnownBundles): BundlePeriod {
  let part = first
  for (;;) {
    const next = { ...part, part: part.part + 1 }
    const isNextKnown = known.has(formatPeriod(next))
    if (!isNextKnown && (known.get(formatPeriod(part)) ?? 0) < FULL) return part
    part = next
  }
}

const describe = async (
  { userId, period }: { readonly userId: UserId; readonly period: string },
  events: readonly BundledEvent[],
  sealed: string,
): Promise<WrittenBundle> => ({ user_id: userId, period, events: events.length, sha256: await hashBundle(sealed) })
