import type { Context } from '../../context.ts'
import { timePrefix, type UserId } from '../../core/ids.ts'
import type { Activity, ActivityEvent } from './activity-view.ts'
import { endOf, parsePeriod } from './bundle-period.ts'
import { readBundles } from './read-bundles.ts'
import type { RecordedBundle } from './select-bundles.ts'
import { showBundled } from './subject-event.ts'

/** Bundles that one page reads. Each takes one call to the vault, six at a time. */
const BUNDLES_PER_PAGE = 6

interface Page {
  readonly userId: UserId
  readonly key: CryptoKey
  readonly limit: number
  readonly cursor: string | undefined
  /** Events of the database below the cursor, newest first. */
  readonly hot: readonly ActivityEvent[]
  /** Whether these are all of them. Otherwise there are more than `limit`. */
  readonly isAllHot: boolean
  readonly bundles: readonly RecordedBundle[]
}

/**
 * Completes a page of the activity list from bundles, newest first. It reads six, so a page may hold
 * fewer events than the limit, or none, and still have a next page.
 */
export async function addBundledPage(
  ctx: Pick<Context, 'activityStore'>,
  { userId, key, limit, cursor, hot, isAllHot, bundles }: Page,
): Promise<Activity> {
  const oldestHot = isAllHot ? undefined : hot.at(-1)?.id
  const relevant = relevantBundles(bundles, { cursor, oldestHot })
  const taken = takeBundles(relevant, { limit, cursor })
  const { events: bundled } = await readBundles(ctx, { userId, key }, taken)
  const unreadEnd = relevant[taken.length]?.endMs
  // Of the events below this id, some may not have been read.
  const horizon = later(oldestHot, unreadEnd === undefined ? undefined : firstIdAt(unreadEnd))
  const byId = new Map([...bundled.map(showBundled), ...hot].map((event) => [event.id, event]))
  const events = [...byId.values()]
    .filter(({ id }) => (cursor === undefined || id < cursor) && (horizon === undefined || id >= horizon))
    .sort((a, b) => (a.id < b.id ? 1 : -1))
  const shown = events.slice(0, limit)
  if (events.length > limit) return { events: shown, next_cursor: shown.at(-1)?.id ?? null }
  return { events: shown, next_cursor: horizon ?? null }
}

interface DatedBundle extends RecordedBundle {
  readonly endMs: number
}

/** The bundles that may hold events of this page, the latest end first. */
function relevantBundles(
  bundles: readonly RecordedBundle[],
  { cursor, oldestHot }: Pick<Page, 'cursor'> & { readonly oldestHot: string | undefined },
): readonly DatedBundle[] {
  return bundles
    .flatMap((bundle) => {
      const period = parsePeriod(bundle.period)
      if (period === undefined) return []
      const isTooNew = cursor !== undefined && cursor <= firstIdAt(period.startMs)
      const isTooOld = oldestHot !== undefined && firstIdAt(endOf(period)) <= oldestHot
      return isTooNew || isTooOld ? [] : [{ ...bundle, endMs: endOf(period) }]
    })
    .sort((a, b) => b.endMs - a.endMs)
}

/**
 * Takes bundles until they hold enough events for the page, and in any case all that reach up to the cursor.
 * Periods of different lengths overlap. Without the latter, the next page could begin where this one did.
 */
function takeBundles(bundles: readonly DatedBundle[], { limit, cursor }: Pick<Page, 'limit' | 'cursor'>) {
  let count = 0
  const isTaken = ({ endMs, events }: DatedBundle, index: number): boolean => {
    const isNeeded = index < BUNDLES_PER_PAGE && count <= limit
    if (isNeeded) count += events
    return isNeeded || (cursor !== undefined && firstIdAt(endMs) >= cursor)
  }
  const end = bundles.findIndex((bundle, index) => !isTaken(bundle, index))
  return end === -1 ? bundles : bundles.slice(0, end)
}

/** The lowest UUID v7 of a millisecond. */
const firstIdAt = (timeMs: number): string => `${timePrefix(timeMs)}-7000-8000-000000000000`

const later = (one: string | undefined, other: string | undefined): string | undefined =>
  one === undefined || (other !== undefined && other > one) ? other : one
