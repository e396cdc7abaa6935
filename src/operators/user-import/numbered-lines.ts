import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { UserId } from '../../core/ids.ts'
import { blindIndexes } from '../../crypto/blind-index.ts'
import { type ImportedUserIds, importedUserIds } from '../../identity/user-import/imported-user-id.ts'
import {
  type ImportedUser,
  isRefusal,
  type LineRefusal,
  parseImportedUser,
} from '../../identity/user-import/parse-imported-user.ts'
import type { Row } from '../../storage/database/members.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import type { Statement } from '../../storage/database/statement.ts'
import { users } from '../../storage/schema/index.ts'

export interface AcceptableLine {
  readonly line: number
  /** The id of a new user on this line. */
  readonly userId: UserId
  readonly userIds: ImportedUserIds
  readonly user: ImportedUser
  /** Blind indexes of the address, under every root key version. */
  readonly indexes: readonly string[]
}

interface RefusedLine {
  readonly line: number
  readonly userIds: ImportedUserIds
  readonly refusal: LineRefusal
}

/** A line, judged only by its contents, without the database. */
export type NumberedLine = AcceptableLine | RefusedLine

interface Lines {
  readonly importId: string
  readonly firstLine: number
  readonly users: readonly unknown[]
}

export const numberLines = (
  { ring, now }: Pick<Context, 'ring' | 'now'>,
  { importId, firstLine, users }: Lines,
): Promise<NumberedLine[]> =>
  Promise.all(
    users.map(async (text, index): Promise<NumberedLine> => {
      const line = firstLine + index
      const userIds = await importedUserIds(ring, importId, line)
      const user = parseImportedUser(text, now)
      if (isRefusal(user)) return { line, userIds, refusal: user }
      return {
        line,
        userId: userIds[0],
        userIds,
        user,
        indexes: await blindIndexes(ring, 'emailIndex', user.email.canonical),
      }
    }),
  )

const takenMembers = { email_index: computed.text(sql`value`) } as const

/**
 * Selects the indexes of addresses that a user has, or that a user can restore by undoing a change of
 * address. Indexes `users_email_index` and `one_time_tokens_address`.
 */
export function selectTaken(lines: readonly NumberedLine[], now: number): Statement<Row<typeof takenMembers>> {
  const indexes = lines.flatMap((line) => ('user' in line ? line.indexes : []))
  return withRows(
    takenMembers,
    sql`
      SELECT ${columnsOf(takenMembers)} FROM json_each(${JSON.stringify(indexes)})
      WHERE EXISTS (SELECT 1 FROM users WHERE users.email_index = value)
        OR EXISTS (SELECT 1 FROM one_time_tokens kept
          WHERE kept.address_index = value AND kept.consumed_at IS NULL AND kept.expires_at > ${now})`,
  )
}

const knownMembers = { id: users.id } as const

/** Selects the lines that have a user. */
export const selectKnown = (lines: readonly NumberedLine[]): Statement<Row<typeof knownMembers>> =>
  withRows(
    knownMembers,
    sql`
      SELECT ${columnsOf(knownMembers)} FROM users WHERE id IN (
        SELECT value FROM json_each(${JSON.stringify(lines.flatMap(({ userIds }) => userIds))}))`,
  )
