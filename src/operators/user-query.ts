import { type SQL, sql } from 'drizzle-orm'
import type { UserId } from '../core/ids.ts'
import type { UserStatus } from '../core/user-status.ts'
import type { Row } from '../storage/database/members.ts'
import { columnsOf, withRows } from '../storage/database/rows.ts'
import type { Statement } from '../storage/database/statement.ts'
import { users } from '../storage/schema/index.ts'
import { accountMembers } from './account-view.ts'

/** The last row of the previous page. */
export interface UserCursor {
  readonly createdAtMs: number
  readonly id: string
}

/** Which users to select. All given conditions must hold. */
export interface UserQuery {
  /** Blind indexes of one address, under every version of the root key. */
  readonly emailIndexes?: readonly string[] | undefined
  /** Blind indexes of one domain, under every version of the root key. */
  readonly domainIndexes?: readonly string[] | undefined
  readonly status?: UserStatus | undefined
  readonly role?: string | undefined
  /** Inclusive, Unix milliseconds. */
  readonly createdAfterMs?: number | undefined
  /** Exclusive. */
  readonly createdBeforeMs?: number | undefined
  readonly cursor?: UserCursor | undefined
  readonly limit: number
}

const listedMembers = { email_enc: users.emailEnc, ...accountMembers } as const

export type ListedRow = Row<typeof listedMembers>

/**
 * Selects one page, newest first, or ordered by id when only a role is given. Every form of the query starts
 * from one index and stops at the end of the page: `users_email_index`, `users_domain`, `user_roles`,
 * `users_inactive`, `users_created`.
 */
export const selectUsers = (query: UserQuery): Statement<ListedRow> => withRows(listedMembers, chooseQuery(query))

function chooseQuery(query: UserQuery): SQL {
  const { emailIndexes, domainIndexes, role } = query
  if (emailIndexes !== undefined)
    return selectPage(query, sql`users`, sql`users.email_index IN ${emailIndexes} AND ${domainIn(domainIndexes)}`)
  // There is one blind index for each root key version. The page of each is read in order and then merged, so
  // that a whole domain is never sorted.
  if (domainIndexes !== undefined)
    return mergePages(
      query,
      domainIndexes.map((index) => selectPage(query, sql`users`, sql`users.email_domain_index = ${index}`)),
    )
  return role === undefined ? selectPage(query, sql`users`, sql`true`) : selectHolders(query, role)
}

/** Selects one row more than the limit, to learn whether there is a next page. */
function selectPage(query: UserQuery, from: SQL, condition: SQL): SQL {
  const { cursor, limit, role } = query
  return sql`
    SELECT ${columnsOf(listedMembers)} FROM ${from}
    WHERE ${condition} AND ${fits(query)}
      AND (users.created_at, users.id) < (${cursor?.createdAtMs ?? Number.MAX_SAFE_INTEGER}, ${cursor?.id ?? ''})
      ${role === undefined ? sql`` : sql`AND EXISTS (SELECT 1 FROM user_roles WHERE role = ${role} AND user_id = users.id)`}
    ORDER BY users.created_at DESC, users.id DESC LIMIT ${limit + 1}`
}

const mergePages = ({ limit }: UserQuery, pages: readonly SQL[]): SQL => sql`
  ${sql.join(
    pages.map((page) => sql`SELECT * FROM (${page})`),
    sql` UNION ALL `,
  )}
  ORDER BY created_at DESC, id DESC LIMIT ${limit + 1}`

/** CROSS JOIN makes SQLite keep the order of the tables, so the query reads the holders of the role first. */
const selectHolders = (query: UserQuery, role: string): SQL => sql`
  SELECT ${columnsOf(listedMembers)} FROM user_roles held CROSS JOIN users ON users.id = held.user_id
  WHERE held.role = ${role} AND held.user_id > ${query.cursor?.id ?? ''} AND ${fits(query)}
  ORDER BY held.user_id LIMIT ${query.limit + 1}`

function fits({ status, createdAfterMs, createdBeforeMs }: UserQuery): SQL {
  const conditions = [
    // Repeats the condition of the partial index. With a bound status alone, SQLite would not use it.
    ...(status === undefined ? [] : [sql`users.status = ${status}`]),
    ...(status === undefined || status === 'active' ? [] : [sql`users.status <> 'active'`]),
    ...(createdAfterMs === undefined ? [] : [sql`users.created_at >= ${createdAfterMs}`]),
    ...(createdBeforeMs === undefined ? [] : [sql`users.created_at < ${createdBeforeMs}`]),
  ]
  return conditions.length === 0 ? sql`true` : sql.join(conditions, sql` AND `)
}

const domainIn = (domainIndexes: readonly string[] | undefined): SQL =>
  domainIndexes === undefined ? sql`true` : sql`users.email_domain_index IN ${domainIndexes}`

/** SQL: the id of the user with this address, or null. */
export const userOfAddress = (emailIndexes: readonly string[]): SQL =>
  sql`(SELECT id FROM users WHERE email_index IN ${emailIndexes} LIMIT 1)`

export const cursorAfter = ({ created_at, id }: { readonly created_at: number; readonly id: UserId }): string =>
  `${created_at}.${id}`
