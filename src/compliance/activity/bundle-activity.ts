import { sql } from 'drizzle-orm'
import type { Context, LogReading } from '../../context.ts'
import type { ForAll } from '../../core/for-all.ts'
import type { UserId } from '../../core/ids.ts'
import type { Row } from '../../storage/database/members.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { auditEvents } from '../../storage/schema/index.ts'
import { raiseAlarm } from '../alarms/raise-alarm.ts'
import { BrokenArchiveError } from '../archive/log/broken-archive-error.ts'
import { readLogStart } from '../archive/log/read-head.ts'
import { type BundlingDependencies, bundlePeople, isDue } from './bundle-people.ts'
import { bundledBefore } from './bundle-period.ts'
import { createJudge } from './judge-row.ts'

interface BundledPage {
  /** Cursor of the next page, or `done`. */
  readonly next: string
  /** How many people the page had. Each takes three to six calls to other services. */
  readonly people: number
  readonly counts: { readonly bundled: number; readonly dropped: number; readonly refused: number }
}

/** Rows that one page looks through for people. */
const ROWS_PER_PAGE = 1000

/** People whose rows are read in one batch. */
const PEOPLE_AT_ONCE = 20

/**
 * Moves archived events of one page of people from D1 into bundles in the vault: those in periods that lie
 * more than `AUDIT_HOT_DAYS` back. The order is bundle, then one transaction that records it and deletes the
 * rows. A run that is cut off between them leaves the rows, and the next run finds their ids in the bundle.
 * A row that comes later is found in the same way and added.
 *
 * The pages follow the primary key, so they cost what there is to move, and no index of their own.
 * @param cursor id of the last row that was looked at
 */
export async function bundleActivity(
  ctx: BundlingDependencies & LogReading & Pick<Context, 'ring'>,
  cursor: string | undefined,
  forAll: ForAll,
): Promise<BundledPage> {
  const beforeMs = bundledBefore(ctx.now, ctx.settings)
  const rows = await ctx.db.all(selectDue(beforeMs, cursor ?? ''))
  const { userIds, last, isLast } = takePeople(rows, ctx.settings.KEYS_PER_RUN)
  const counts = { bundled: 0, dropped: 0, refused: 0 }
  if (userIds.length === 0) return { next: 'done', people: 0, counts }
  const start = await readLogStart(ctx)
  if (start === 'unknown') throw new BrokenArchiveError()
  const bounds = { beforeMs, after: cursor ?? '', judge: createJudge(ctx.ring, start) }
  // Of these people, rows that follow this id were left for a further page.
  let next = last
  await forAll(userIds, async (people) => {
    for (let from = 0; from < people.length; from += PEOPLE_AT_ONCE) {
      const done = await bundlePeople(ctx, people.slice(from, from + PEOPLE_AT_ONCE), bounds)
      counts.bundled += done.bundled
      counts.dropped += done.dropped
      counts.refused += done.refused
      if (done.leftAfter !== undefined && done.leftAfter < next) next = done.leftAfter
    }
  })
  if (counts.refused > 0) await raiseAlarm(ctx, 'unsealed_row')
  return { next: isLast && next === last ? 'done' : next, people: userIds.length, counts }
}

const dueRow = { id: auditEvents.id, subject_id: auditEvents.subjectId } as const

const selectDue = (beforeMs: number, after: string) =>
  withRows(
    dueRow,
    sql`
      SELECT ${columnsOf(dueRow)} FROM audit_events
      WHERE id > ${after} AND ${isDue(beforeMs)} AND subject_id IS NOT NULL
      ORDER BY id LIMIT ${ROWS_PER_PAGE}`,
  )

/** Takes rows until there are enough people. @returns also the id of the last row that was taken */
function takePeople(rows: readonly Row<typeof dueRow>[], limit: number) {
  const userIds = new Set<UserId>()
  let last = ''
  for (const { id, subject_id } of rows) {
    if (subject_id === null) continue
    if (userIds.size === limit && !userIds.has(subject_id)) return { userIds: [...userIds], last, isLast: false }
    userIds.add(subject_id)
    last = id
  }
  return { userIds: [...userIds], last, isLast: rows.length < ROWS_PER_PAGE }
}
