import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { ForAll } from '../../core/for-all.ts'
import { log } from '../../core/log.ts'
import { type ErasureSeals, holdText, openErasureSeals, requestText } from '../../crypto/erasure-seal.ts'
import { isReadableErasure, isReadableHold, isUnfinished } from '../../storage/database/erasure-conditions.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import { assignments } from '../../storage/database/writes.ts'
import { erasures, legalHolds } from '../../storage/schema/index.ts'

type Dependencies = Pick<Context, 'db' | 'ring'>

interface Page extends Dependencies {
  readonly seals: ErasureSeals
  readonly forAll: ForAll
}

interface CheckedPage {
  /** Cursor of the next page, or `done`. */
  readonly next: string
  readonly counts: Readonly<Record<string, number>>
}

const ROWS_PER_PAGE = 500

/** Cursors of the second table begin with this. Ids of users are hexadecimal. */
const ERASURES = 'r:'

/**
 * Checks one page of the seals: all legal holds first, then the open erasures. What an older root key has
 * sealed is sealed anew with the newest, so that the older one can be removed. A hold whose seal does not
 * hold is counted and stays in force: a wrong purge cannot be undone, a delayed one can.
 */
export async function checkSeals(ctx: Dependencies, cursor: string | undefined, forAll: ForAll): Promise<CheckedPage> {
  const seals = await openErasureSeals(ctx.ring)
  const page = { ...ctx, seals, forAll }
  if (cursor?.startsWith(ERASURES)) return await checkErasures(page, cursor.slice(ERASURES.length))
  const { next, counts } = await checkHolds(page, cursor ?? '')
  if (next !== 'done') return { next, counts }
  // With a single root key there is nothing to seal anew.
  return { next: ctx.ring.all.length > 1 ? ERASURES : 'done', counts }
}

const hold = {
  user_id: legalHolds.userId,
  reason: legalHolds.reason,
  placed_at: legalHolds.placedAt,
  seal: legalHolds.seal,
} as const

const unreadableHolds = {
  count: computed.integer(sql`(SELECT count(*) FROM legal_holds WHERE NOT (${isReadableHold}))`),
} as const

/**
 * Reads by primary key. The first page counts the rows with other types, which this service did not write.
 */
async function checkHolds({ db, seals, forAll }: Page, after: string): Promise<CheckedPage> {
  const { found, unreadable } = await db.batch({
    found: withRows(
      hold,
      sql`
        SELECT ${columnsOf(hold)} FROM legal_holds WHERE user_id > ${after} AND ${isReadableHold}
        ORDER BY user_id LIMIT ${ROWS_PER_PAGE}`,
    ),
    unreadable: after === '' ? withRows(unreadableHolds, sql`SELECT ${columnsOf(unreadableHolds)}`) : undefined,
  })
  const broken = found.filter((row) => seals.check(holdText(row), row.seal) === 'broken').length
  const unsealed = broken + (unreadable?.[0]?.count ?? 0)
  if (unsealed > 0) log('error', 'holds_unsealed', { count: unsealed })
  const resealed = await forAll(resealedRows(seals, found, holdText), (some) =>
    db.batch({ resealed: reseal(legalHolds, some, sql`true`) }),
  )
  return {
    next: nextOf(found),
    counts: { unsealed_holds: unsealed, ...(resealed.length > 0 && { resealed: resealed.length }) },
  }
}

const request = {
  user_id: erasures.userId,
  requested_at: erasures.requestedAt,
  due_at: erasures.dueAt,
  basis: erasures.basis,
  seal: erasures.seal,
} as const

/** Reads by primary key. */
async function checkErasures({ db, seals, forAll }: Page, after: string): Promise<CheckedPage> {
  const found = await db.all(
    withRows(
      request,
      sql`
        SELECT ${columnsOf(request)} FROM erasures
        WHERE user_id > ${after} AND ${isUnfinished} AND ${isReadableErasure} ORDER BY user_id LIMIT ${ROWS_PER_PAGE}`,
    ),
  )
  const resealed = await forAll(resealedRows(seals, found, requestText), (some) =>
    db.batch({ resealed: reseal(erasures, some, isUnfinished) }),
  )
  const next = nextOf(found)
  return { next: next === 'done' ? next : ERASURES + next, counts: { resealed: resealed.length } }
}

const nextOf = (found: readonly { readonly user_id: string }[]): string =>
  found.length < ROWS_PER_PAGE ? 'done' : (found.at(-1)?.user_id ?? 'done')

interface SealedRow {
  readonly user_id: string
  readonly seal: string | null
}

/** The rows that an older root key has sealed, with their old and new seals. */
function resealedRows<One extends SealedRow>(seals: ErasureSeals, rows: readonly One[], textOf: (row: One) => string) {
  return rows.flatMap((row) => {
    const { user_id, seal: old } = row
    if (old === null || seals.isNewest(old) || seals.check(textOf(row), old) !== 'holds') return []
    return [{ user_id, old, seal: seals.seal(textOf(row)) }]
  })
}

/** Guarded by the old seal, so a row that was changed in the meantime keeps its own. */
function reseal(table: typeof erasures | typeof legalHolds, rows: readonly object[], condition: SQL): SQL {
  const list = JSON.stringify(rows)
  const found = (member: string) =>
    sql`(SELECT value ->> ${member} FROM json_each(${list}) WHERE value ->> 'user_id' = ${table.userId})`
  return sql`
    UPDATE ${table} SET ${assignments(table, { seal: found('seal') })}
    WHERE ${table.userId} IN (SELECT value ->> 'user_id' FROM json_each(${list})) AND ${condition}
      AND ${table.seal} = ${found('old')}`
}
