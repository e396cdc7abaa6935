import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { ForAll } from '../../core/for-all.ts'
import { tryStored } from '../../core/json.ts'
import { mailMessageSchema } from '../../core/mail-job.ts'
import type { Row } from '../../storage/database/members.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import type { Statement } from '../../storage/database/statement.ts'
import { assignments, insertInto } from '../../storage/database/writes.ts'
import { deadLetters } from '../../storage/schema/index.ts'
import { archivedEventSchema } from './old-segment.ts'

export interface DeadLetter {
  readonly id: string
  readonly queue: string
  readonly body: unknown
}

/**
 * Stores messages that a queue gave up on in a table, where an operator can see them. Idempotent by message
 * id.
 */
export async function keepDeadLetters(
  { db, now }: Pick<Context, 'db' | 'now'>,
  letters: readonly DeadLetter[],
): Promise<void> {
  const rows = letters.map(({ id, queue, body }) => ({ id, queue, body: JSON.stringify(body) ?? 'null' }))
  const kept = insertInto(
    deadLetters,
    { id: sql`value ->> 'id'`, queue: sql`value ->> 'queue'`, body: sql`value ->> 'body'`, received_at: now },
    { from: sql`json_each(${JSON.stringify(rows)})` },
  )
  await db.batch({ kept: sql`${kept} ON CONFLICT DO NOTHING` })
}

const waitingLetter = { id: deadLetters.id, body: deadLetters.body } as const

const selectWaiting = (cursor: string | undefined, limit: number): Statement<Row<typeof waitingLetter>> =>
  withRows(
    waitingLetter,
    sql`
      SELECT ${columnsOf(waitingLetter)} FROM dead_letters
      WHERE replayed_at IS NULL AND id > ${cursor ?? ''} ORDER BY id LIMIT ${limit}`,
  )

/**
 * Replays one page: sends the events and mail jobs among the dead letters to their queues again. A message
 * that is neither stays in the table, for an operator to inspect.
 * @returns how many were sent, and the cursor of the next page
 */
export async function replayDeadLetters(
  ctx: Pick<Context, 'db' | 'sendEvents' | 'sendMailJobs' | 'now'>,
  limit: number,
  cursor: string | undefined,
  forAll: ForAll,
): Promise<{ readonly cursor: string | undefined; readonly replayed: number }> {
  const letters = await ctx.db.all(selectWaiting(cursor, limit))
  const parsed = letters.map(({ id, body }) => ({ id, ...parseLetter(body) }))
  const replayable = parsed.filter(({ event, mail }) => event !== undefined || mail !== undefined)
  const replayed = await forAll(replayable, async (some) => {
    await ctx.sendEvents(some.flatMap(({ event }) => event ?? []))
    await ctx.sendMailJobs(some.flatMap(({ mail }) => mail?.id ?? []))
    const ids = JSON.stringify(some.map(({ id }) => id))
    await ctx.db.batch({
      replayed: sql`
        UPDATE dead_letters SET ${assignments(deadLetters, { replayed_at: ctx.now })}
        WHERE id IN (SELECT value FROM json_each(${ids}))`,
    })
  })
  return { cursor: letters.length < limit ? undefined : letters.at(-1)?.id, replayed: replayed.length }
}

const parseLetter = (body: string) => ({
  event: tryStored(archivedEventSchema, body),
  mail: tryStored(mailMessageSchema, body),
})
