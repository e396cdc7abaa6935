import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { ForAll } from '../../core/for-all.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import { differsFromPolicy, isCoveredByPolicy } from '../../storage/database/two-step-policy.ts'
import { users } from '../../storage/schema/index.ts'
import { followPolicy } from './follow-policy.ts'

type Dependencies = Pick<Context, 'db' | 'settings' | 'requestId' | 'now' | 'outbox'>

interface FollowedPage {
  /** Cursor of the next page, or `done`. */
  readonly next: string
  readonly counts: { readonly changed: number }
}

/** How many accounts a page reads, by primary key, and how many of them it changes. */
const PAGE = { read: 2000, changed: 200 }

/**
 * One page of all accounts: those that the policy covers get a due date, and those that it covers no longer
 * lose the one that it had set. For users who had their role before the settings changed, for accounts that
 * an import or a registration has made since, and for roles that were given while other settings held.
 * @param cursor the user id up to which accounts were read
 */
export async function followPolicyEverywhere(
  ctx: Dependencies,
  cursor: string | undefined,
  forAll: ForAll,
): Promise<FollowedPage> {
  const { db, settings, now } = ctx
  const account = { id: users.id, is_covered: computed.flag(isCoveredByPolicy(settings)) } as const
  const { window, found } = await db.batch({
    window: withRows(windowEnd, sql`SELECT ${columnsOf(windowEnd)} FROM ${windowAfter(cursor)}`),
    found: withRows(
      account,
      sql`
        SELECT ${columnsOf(account)} FROM users
        WHERE users.id > ${cursor ?? ''} AND users.id <= (SELECT max(id) FROM ${windowAfter(cursor)})
          AND ${differsFromPolicy(settings, now)}
        ORDER BY users.id LIMIT ${PAGE.changed}`,
    ),
  })
  const system = { ...ctx, actor: { type: 'system' } as const }
  await forAll(found, (some) =>
    db.batch({
      followed: some.map(({ id, is_covered }) =>
        followPolicy(system, settings, { userId: id, isCovered: is_covered, by: 'policy' }),
      ),
    }),
  )
  const [read] = window
  const isLast = found.length < PAGE.changed && (read?.count ?? 0) < PAGE.read
  const last = found.length < PAGE.changed ? read?.last : found.at(-1)?.id
  return { next: isLast ? 'done' : (last ?? 'done'), counts: { changed: found.length } }
}

const windowAfter = (cursor: string | undefined): SQL =>
  sql`(SELECT id FROM users WHERE id > ${cursor ?? ''} ORDER BY id LIMIT ${PAGE.read}) AS page`

const windowEnd = {
  last: computed.textOrNull(sql`max(page.id)`),
  count: computed.integer(sql`count(*)`),
} as const
