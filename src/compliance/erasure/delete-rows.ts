import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { UserId } from '../../core/ids.ts'
import { rfc3339 } from '../../core/time.ts'
import type { PersonalDataOwner } from '../../storage/database/personal-data.ts'
import { idsIn } from '../../storage/database/personal-data.ts'

/**
 * Deletes the rows of erased users and writes down how many there were, in one batch: a run that is repeated finds
 * the numbers of the first one and leaves them as they are.
 */
export async function deleteRows(
  { db, now }: Pick<Context, 'db' | 'now'>,
  userIds: readonly UserId[],
  owners: readonly PersonalDataOwner[],
): Promise<void> {
  const erasures = owners.flatMap((owner) => owner.erasePersonalData(userIds))
  const at = rfc3339(now)
  const counts = erasures.filter(({ table }) => table !== 'users').map(({ table }) => countOf(table))
  await db.batch([
    sql`
      UPDATE erasures SET steps = json_object(
        'destroy_key', json_object('at', ${at}),
        'delete_exports', json_object('at', ${at}, 'count', (SELECT count(*) FROM exports t WHERE t.user_id = erasures.user_id)),
        'delete_rows', json_object('at', ${at}, 'counts', json_object(${sql.join(counts, sql`, `)})))
      WHERE steps = '{}' AND user_id IN ${idsIn(userIds)}`,
    ...erasures.map(({ statement }) => statement),
  ])
}

const countOf = (table: string): SQL =>
  sql`${table}, (SELECT count(*) FROM ${sql.identifier(table)} t WHERE t.user_id = erasures.user_id)`
