import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import type { ForAll } from '../../../core/for-all.ts'
import type { DatabasePart, EventWithSeal } from '../../../core/sealed-event.ts'
import { checkSeal, createSealEvent } from '../../../crypto/event-seal.ts'
import { countChanges } from '../../../storage/database/count-changes.ts'
import type { Row } from '../../../storage/database/members.ts'
import { isReadableEvent, sentEvent } from '../../../storage/database/outbox-columns.ts'
import { columnsOf, computed, withRows } from '../../../storage/database/rows.ts'
import { assignments } from '../../../storage/database/writes.ts'
import { auditEvents, rootKeys } from '../../../storage/schema/index.ts'
import { raiseAlarm } from '../../alarms/raise-alarm.ts'
import { countSealedLetters } from './count-sealed-letters.ts'

type Dependencies = Pick<Context, 'db' | 'ring' | 'now'>

interface ResealedPage {
  /** Cursor of the next page, or `done`. */
  readonly next: string
  /**
   * - `version_N`: events and dead letters under the seal of this root key, after the page
   * - `resealed`: events that got a seal of the newest root key
   * - `unsealed`: events whose seal does not hold; they keep it
   * - `distrusted`: events under a distrusted root key; they keep their seal too
   * - `unknown`: events under a version that was never in use here
   * - `dead_letters`: those of `version_N` that are dead letters
   */
  readonly counts: Readonly<Record<string, number>>
}

/** The most events that one page reads. */
const PAGE = 1000

/** Cursors of dead letters begin with this. Ids of events are hexadecimal. */
const LETTERS = 'letters:'

/**
 * Processes one page: gives archived events that an older root key has sealed a seal of the newest one, so
 * that the older one can be removed. The parts that only the database knew stay named in it. A seal is only
 * replaced if it holds, under a trusted root key, and if the row still has it when it is written.
 *
 * An event that is not archived keeps its seal, because its message in the queue has the same one, and the
 * consumer needs the older root key for it. So do dead letters, until an operator has replayed or settled
 * them. Both are counted under the older version.
 *
 * The pages follow the primary key, because an index on seals would cost a row with every event.
 * @param cursor id of the last event of the previous page
 */
export async function resealEvents(
  ctx: Dependencies,
  cursor: string | undefined,
  forAll: ForAll,
): Promise<ResealedPage> {
  if (cursor?.startsWith(LETTERS)) return await countLetters(ctx, cursor.slice(LETTERS.length))
  const { version: newest } = ctx.ring.newest
  const { seen, stale, known } = await ctx.db.batch({
    seen: selectSeen(cursor ?? '', newest),
    stale: selectStale(cursor ?? '', newest),
    known: selectKnown,
  })
  const judged = stale.map((event) => ({ event, version: versionOf(event), ...checkSeal(ctx.ring, event) }))
  const isKnown = (one: { readonly version: number }) => known.some(({ version }) => version === one.version)
  const sealed = judged.filter((one) => one.state === 'sealed')
  const unknown = judged.filter((one) => one.state === 'unknown_version')
  const left = countEach([...sealed, ...unknown.filter(isKnown)])
  let resealed = 0
  for (const version of new Set(sealed.map((one) => one.version))) {
    const archived = sealed.filter((one) => one.version === version && !one.event.is_pending)
    let moved = 0
    await forAll(archived, async (some) => {
      moved += await write(ctx, some)
    })
    left.set(version, (left.get(version) ?? 0) - moved)
    resealed += moved
  }
  const unsealed = judged.filter(({ state }) => state === 'wrong').length
  if (unsealed > 0) await raiseAlarm(ctx, 'unsealed_row')
  const [page] = seen
  return {
    next: page === undefined || page.events < PAGE ? LETTERS : (page.last_id ?? LETTERS),
    counts: {
      ...byName(left),
      [`version_${newest}`]: (page?.current ?? 0) + resealed,
      resealed,
      unsealed,
      distrusted: judged.filter(({ state }) => state === 'distrusted').length,
      unknown: unknown.filter((one) => !isKnown(one)).length,
    },
  }
}

async function countLetters(ctx: Dependencies, after: string): Promise<ResealedPage> {
  const { next, versions } = await countSealedLetters(ctx, after)
  const counted = countEach(versions.map((version) => ({ version })))
  return {
    next: next === 'done' ? next : LETTERS + next,
    counts: { ...byName(counted), dead_letters: versions.length },
  }
}

const versionOf = ({ seal }: EventWithSeal): number => Number.parseInt(seal ?? '', 10)

function countEach(rows: readonly { readonly version: number }[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const { version } of rows) counts.set(version, (counts.get(version) ?? 0) + 1)
  return counts
}

const byName = (counts: ReadonlyMap<number, number>): Record<string, number> =>
  Object.fromEntries([...counts].map(([version, count]) => [`version_${version}`, count]))

/** The events of a page. Reads the primary key. */
const pageOfEvents = (after: string): SQL => sql`(
  SELECT id, seal FROM audit_events WHERE id > ${after} AND typeof(id) = 'text' ORDER BY id LIMIT ${PAGE})`

const isUnder = (version: number): SQL => sql`${auditEvents.seal} GLOB ${`${version}.*`}`

const seenEvents = (newest: number) =>
  ({
    last_id: computed.textOrNull(sql`max(id)`),
    events: computed.integer(sql`count(*)`),
    current: computed.integer(sql`count(*) FILTER (WHERE seal GLOB ${`${newest}.*`})`),
  }) as const

function selectSeen(after: string, newest: number) {
  const members = seenEvents(newest)
  return withRows(members, sql`SELECT ${columnsOf(members)} FROM ${pageOfEvents(after)}`)
}

const staleEvent = {
  ...sentEvent,
  is_pending: computed.flag(sql`${auditEvents.archivedAt} IS NULL AND ${auditEvents.archivedIn} IS NULL`),
} as const

/** The events of a page that another root key than the newest has sealed. */
const selectStale = (after: string, newest: number) =>
  withRows(
    staleEvent,
    sql`
      SELECT ${columnsOf(staleEvent)} FROM audit_events
      WHERE id IN (SELECT id FROM ${pageOfEvents(after)})
        AND ${auditEvents.seal} IS NOT NULL AND NOT ${isUnder(newest)} AND ${isReadableEvent}`,
  )

const knownVersion = { version: rootKeys.version } as const

const selectKnown = withRows(knownVersion, sql`SELECT ${columnsOf(knownVersion)} FROM root_keys`)

interface HeldSeal {
  readonly event: Row<typeof sentEvent>
  readonly fromDatabase: readonly DatabasePart[]
}

/** @returns how many events it sealed */
async function write({ db, ring }: Pick<Dependencies, 'db' | 'ring'>, rows: readonly HeldSeal[]): Promise<number> {
  const seal = createSealEvent(ring)
  const changes = rows.map(({ event, fromDatabase }) => {
    return { id: event.id, was: event.seal, seal: seal(event, fromDatabase) }
  })
  const { resealed } = await db.batch({ resealed: countChanges(reseal(changes)) })
  return resealed[0]?.changed ?? 0
}

/** Guarded by the old seal, so a row that was changed in the meantime keeps its own. */
const reseal = (changes: readonly object[]): SQL => sql`
  UPDATE audit_events SET ${assignments(auditEvents, { seal: sql`change.value ->> 'seal'` })}
  FROM json_each(${JSON.stringify(changes)}) AS change
  WHERE audit_events.id = change.value ->> 'id' AND audit_events.seal = change.value ->> 'was'`
