import { sql } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import { tryStored } from '../../../core/json.ts'
import { checkSeal } from '../../../crypto/event-seal.ts'
import { columnsOf, withRows } from '../../../storage/database/rows.ts'
import { deadLetters } from '../../../storage/schema/index.ts'
import { eventMessageSchema } from '../events/event-message.ts'

const PAGE = 1000

/**
 * Finds the root key versions that one page of dead letters depends on: events that an operator can still
 * replay or archive late, whose seal an older root key made. Without that key the archive would not take
 * them.
 * @param after id of the last message of the previous page
 * @returns a version for each such message, and the id of the last message of the page, or `done`
 */
export async function countSealedLetters({ db, ring }: Pick<Context, 'db' | 'ring'>, after: string) {
  const letters = await db.all(selectLetters(after))
  const versions = letters.flatMap(({ body }) => {
    const event = tryStored(eventMessageSchema, body)
    if (event === undefined || checkSeal(ring, event).state !== 'sealed') return []
    const version = Number.parseInt(event.seal ?? '', 10)
    return version === ring.newest.version ? [] : [version]
  })
  return { next: letters.length < PAGE ? 'done' : (letters.at(-1)?.id ?? 'done'), versions }
}

const waitingLetter = { id: deadLetters.id, body: deadLetters.body } as const

/** Without those that can never be archived. Reads the primary key. */
const selectLetters = (after: string) =>
  withRows(
    waitingLetter,
    sql`
      SELECT ${columnsOf(waitingLetter)} FROM dead_letters
      WHERE id > ${after} AND typeof(id) = 'text' AND typeof(body) = 'text' AND replayed_at IS NULL
        AND (reason IS NULL OR reason IN ('too_old', 'too_new'))
      ORDER BY id LIMIT ${PAGE}`,
  )
