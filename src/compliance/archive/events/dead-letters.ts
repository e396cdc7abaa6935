import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import type { RejectionReason } from '../../../core/dead-letter.ts'
import type { ForAll } from '../../../core/for-all.ts'
import { tryStored } from '../../../core/json.ts'
import { mailMessageSchema } from '../../../core/mail-job.ts'
import type { Step } from '../../../storage/database/batch.ts'
import type { Row } from '../../../storage/database/members.ts'
import { columnsOf, withRows } from '../../../storage/database/rows.ts'
import type { Statement } from '../../../storage/database/statement.ts'
import { assignments, excluded, insertInto, onConflict } from '../../../storage/database/writes.ts'
import { deadLetters, droppedLetters } from '../../../storage/schema/index.ts'
import { eventMessageSchema } from './event-message.ts'

export interface DeadLetter {
  /** Id of the message. `row:` and the id of the event, if it is a row of `audit_events`. */
  readonly id: string
  readonly queue: string
  readonly body: unknown
  /** Why the archive refused the event. Absent if a queue gave up on the message. */
  readonly reason?: RejectionReason
}

/** The most refused events of one reason that the table keeps, so that an attacker cannot fill it. */
const MOST_REFUSED = 10_000

/**
 * Stores messages that a queue gave up on, and events that the archive refused, in a table where an operator
 * can see them. Idempotent by id.
 */
export async function keepDeadLetters(
  { db, now }: Pick<Context, 'db' | 'now'>,
  letters: readonly DeadLetter[],
): Promise<void> {
  if (letters.length > 0) await db.batch(keepingSteps(letters, now))
}

/**
 * The steps of `keepDeadLetters`. Of the refused events, only the newest are kept, and the others are
 * counted.
 */
export function keepingSteps(letters: readonly DeadLetter[], now: number) {
  const groups: Step[] = []
  for (let from = 0; from < letters.length; from += INSERTED_AT_ONCE)
    groups.push(insertLetters(letters.slice(from, from + INSERTED_AT_ONCE), now))
  const areRefused = letters.some(({ reason }) => reason !== undefined)
  return {
    kept: groups,
    counted: areRefused ? countDropped : undefined,
    dropped: areRefused ? sql`DELETE FROM dead_letters WHERE id IN (SELECT id FROM ${surplus})` : undefined,
  }
}

/**
 * Letters of one statement. D1 accepts a text of two million bytes, and each body at most doubles as JSON.
 */
const INSERTED_AT_ONCE = 20

function insertLetters(letters: readonly DeadLetter[], now: number): SQL {
  const rows = letters.map(({ body, ...letter }) => ({ ...letter, body: textOf(body) }))
  const kept = insertInto(
    deadLetters,
    {
      id: sql`value ->> 'id'`,
      queue: sql`value ->> 'queue'`,
      body: sql`value ->> 'body'`,
      reason: sql`value ->> 'reason'`,
      received_at: now,
    },
    { from: sql`json_each(${JSON.stringify(rows)})` },
  )
  return sql`${kept} ON CONFLICT DO NOTHING`
}

/** Longer than any message of this service. */
const LONGEST = 32_768

/** As much of a message that this service did not write as an operator needs to see. */
const SHOWN = 1000

/**
 * The JSON of a message. Anyone who can write the queue can send one that has no JSON (a circular object, or
 * one nested too deep), or one that is long; it must not hinder the other messages of its batch, nor fill the
 * table.
 */
function textOf(body: unknown): string {
  try {
    const text = JSON.stringify(body) ?? 'null'
    return text.length > LONGEST ? JSON.stringify({ cut: text.slice(0, SHOWN), length: text.length }) : text
  } catch {
    return JSON.stringify({ unreadable: typeof body })
  }
}

/** The refused events of each reason but the newest. Index `dead_letters_waiting`. */
const surplus = sql`(
  SELECT id, reason FROM (
    SELECT id, reason, row_number() OVER (PARTITION BY reason ORDER BY received_at DESC, id) AS place
    FROM dead_letters WHERE replayed_at IS NULL AND received_at > 0 AND reason IS NOT NULL)
  WHERE place > ${MOST_REFUSED})`

const countDropped = sql`
  ${insertInto(
    droppedLetters,
    { reason: sql`reason`, count: sql`count(*)` },
    { from: surplus, onlyIf: sql`true GROUP BY reason` },
  )}
  ${onConflict(
    [droppedLetters.reason],
    assignments(droppedLetters, { count: sql`${droppedLetters.count} + ${excluded(droppedLetters.count)}` }),
  )}`

const waitingLetter = { id: deadLetters.id, body: deadLetters.body } as const

const selectWaiting = (cursor: string | undefined, limit: number): Statement<Row<typeof waitingLetter>> =>
  withRows(
    waitingLetter,
    sql`
      SELECT ${columnsOf(waitingLetter)} FROM dead_letters
      WHERE replayed_at IS NULL AND reason IS NULL AND id > ${cursor ?? ''} ORDER BY id LIMIT ${limit}`,
  )

/**
 * Replays one page: sends the events and mail jobs among the dead letters to their queues again. A message
 * that is neither stays in the table, for an operator to inspect. So does an event that the archive refused.
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
  event: tryStored(eventMessageSchema, body),
  mail: tryStored(mailMessageSchema, body),
})
