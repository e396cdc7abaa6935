import { env } from 'cloudflare:workers'
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { newOutbox } from '../../src/core/ports.ts'
import { createSealEvent } from '../../src/crypto/event-seal.ts'
import { openDatabase } from '../../src/storage/database/database.ts'
import { guardDatabase } from '../../src/storage/database/guarded-database.ts'
import { prepareStatement } from '../../src/storage/database/prepared.ts'
import { recorded } from '../../src/storage/database/recorded.ts'
import { columnsOf, computed, UnexpectedRow, withRows } from '../../src/storage/database/rows.ts'
import { onReturned, type Statement } from '../../src/storage/database/statement.ts'
import { assignments, insertInto } from '../../src/storage/database/writes.ts'
import { rootKeys } from '../../src/storage/schema/index.ts'
import { faultsOfCaught } from '../support/held-statements.ts'
import { ringOf } from '../support/keys.ts'
import { rows } from '../support/stores.ts'

const database = () => openDatabase(env.DB).db

const seal = createSealEvent(await ringOf(1))

const recorder = () => ({
  requestId: 'request',
  now: Date.now(),
  outbox: newOutbox(seal),
  actor: { type: 'system', job: 'sweep' } as const,
})

const nothing = async () => undefined

const event = { action: 'user.signed_out_everywhere', outcome: 'success' } as never

const insertKey = (version: number) => insertInto(rootKeys, { version, fingerprint: 'f', first_seen_at: 1 })

describe('a batch', () => {
  it('returns rows by the names of its steps, and leaves undefined steps out', async () => {
    const { first, absent, second } = await database().batch({
      first: sql`SELECT 1 AS n`,
      absent: undefined as ReturnType<typeof sql> | undefined,
      group: [sql`SELECT 2 AS n`, [sql`SELECT 3 AS n`], undefined],
      second: sql`SELECT 4 AS n`,
    })
    expect({ first, absent, second }).toEqual({ first: [{ n: 1 }], absent: [], second: [{ n: 4 }] })
  })

  it('commits a change with its event, and later steps can check whether it happened', async () => {
    const ctx = recorder()
    const made = recorded(ctx, insertKey(7), event)
    const missed = recorded(ctx, sql`UPDATE root_keys SET first_seen_at = 2 WHERE version = 9`, event)
    const failed = recorded(ctx, sql`DELETE FROM root_keys WHERE version = 9`, event, { recordsFailure: true })
    const { happened } = await database().batch({
      made,
      between: sql`UPDATE root_keys SET first_seen_at = 3 WHERE version = 99`,
      missed,
      failed,
      happened: sql`SELECT ${made.happened} AS made, ${missed.happened} AS missed, ${failed.happened} AS failed`,
    })
    expect(happened).toEqual([{ made: 1, missed: 0, failed: 0 }])
    expect(await rows('SELECT outcome FROM audit_events ORDER BY outcome')).toEqual([
      { outcome: 'failure' },
      { outcome: 'success' },
    ])
    expect(ctx.outbox.events.size).toBe(2)
  })

  it('does nothing if its guard does not hold', async () => {
    const refused = guardDatabase(database(), sql`false`, async () => undefined)
    await expect(refused.batch({ made: insertKey(7) })).rejects.toThrow()
    const open = guardDatabase(database(), sql`true`, async () => undefined)
    expect(await open.batch({ one: sql`SELECT 1 AS n`, two: sql`SELECT 2 AS n` })).toEqual({
      one: [{ n: 1 }],
      two: [{ n: 2 }],
    })
  })
})

describe('a consequence', () => {
  const members = { version: rootKeys.version } as const
  const insertKeys = (take: (rows: readonly unknown[]) => void) =>
    onReturned(
      withRows(
        members,
        sql`INSERT INTO root_keys (version, fingerprint, first_seen_at) VALUES (7, 'f', 1), (8, 'f', 1)
          RETURNING ${columnsOf(members)}`,
      ),
      take,
    )
  const clear = () => database().batch({ cleared: sql`DELETE FROM root_keys` })

  it.each([
    ['in a batch', (statement: Statement<unknown>) => database().batch({ statement })],
    ['in a list', (statement: Statement<unknown>) => database().batch({ list: [[statement]] })],
    ['recorded', (statement: Statement<unknown>) => database().batch({ one: recorded(recorder(), statement, event) })],
    ['alone', (statement: Statement<unknown>) => database().all(statement)],
    ['for its first row', (statement: Statement<unknown>) => database().first(statement)],
    ['guarded', (statement: Statement<unknown>) => guardDatabase(database(), sql`true`, nothing).first(statement)],
    ['prepared', (statement: Statement<unknown>) => database().first(prepareStatement(() => statement)({}))],
    ['with another one', (statement: Statement<unknown>) => database().all(onReturned(statement, nothing))],
  ])('receives every row of its statement, in each way of running it: %s', async (_, run) => {
    await clear()
    const taken: unknown[] = []
    await run(insertKeys((rows) => taken.push(...rows)))
    expect(taken).toEqual([{ version: 7 }, { version: 8 }])
  })

  it('does not run after a rollback, nor before all rows have been read', async () => {
    const taken: unknown[] = []
    const insert = () => insertKeys((rows) => taken.push(...rows))
    const failing = { insert: insert(), failing: sql`SELECT json_extract('no JSON', '$')` }
    await expect(database().batch(failing)).rejects.toThrow('malformed JSON')
    const unread = { insert: insert(), spoiled: withRows(members, sql`SELECT 'x' AS version`) }
    await expect(database().batch(unread)).rejects.toThrow(UnexpectedRow)
    expect(taken).toEqual([])
  })

  it('cannot be lost by putting its statement into another one, and nor can the rows', async () => {
    const carrying = insertKeys(nothing)
    for (const inner of [carrying, withRows(members, sql`SELECT 7 AS version`)])
      for (const outer of [sql`${inner}`, sql`SELECT * FROM (${inner})`, sql.join([inner] as never)])
        await expect(database().batch({ outer })).rejects.toThrow('cannot be part of another one')
    expect(await rows('SELECT 1 FROM root_keys')).toEqual([])
  })
})

describe('the rows of a statement', () => {
  const members = {
    version: rootKeys.version,
    drained_at: rootKeys.drainedAt,
    is_new: computed.flag(sql`first_seen_at = 1`),
    list: computed.json(sql`json_array(1, 2)`, z.array(z.int())),
  } as const
  const select = () => withRows(members, sql`SELECT ${columnsOf(members)} FROM root_keys`)
  const ROW = { version: 7, drained_at: null, is_new: true, list: [1, 2] }

  it('have the types of the schema and the members, in a batch, alone, and prepared', async () => {
    const db = database()
    await db.batch({ made: insertKey(7) })
    expect(await db.first(select())).toEqual(ROW)
    expect(await db.all(prepareStatement(select)({}))).toEqual([ROW])
    expect((await db.batch({ selected: select() })).selected).toEqual([ROW])
  })

  it.each([
    ['a column of another type', withRows({ version: rootKeys.version }, sql`SELECT 'x' AS version`)],
    ['a null in a column that is not nullable', withRows({ version: rootKeys.version }, sql`SELECT NULL AS version`)],
    ['a missing column', withRows({ version: rootKeys.version }, sql`SELECT 1 AS other`)],
    ['a flag that is neither 0 nor 1', withRows({ is_new: members.is_new }, sql`SELECT 2 AS is_new`)],
    ['text that is not JSON', withRows({ list: members.list }, sql`SELECT '[' AS list`)],
  ])('fail the request if they are unexpected: %s', async (_, statement: Statement<unknown>) => {
    await expect(database().first(statement)).rejects.toThrow(UnexpectedRow)
    // These rows are wrong on purpose. Remove them, so that the check at the end of the file does not see
    // them.
    await faultsOfCaught()
  })
})

describe('a guarded insert', () => {
  it('inserts only if its condition holds, and changes write the named columns', async () => {
    const db = database()
    await db.batch({
      refused: insertInto(rootKeys, { version: 1, fingerprint: 'f', first_seen_at: 1 }, { onlyIf: sql`false` }),
      made: insertInto(rootKeys, { version: 2, fingerprint: 'f', first_seen_at: sql`1 + 1`, drained_at: null }),
      changed: sql`UPDATE root_keys SET ${assignments(rootKeys, { drained_at: 5, first_seen_at: undefined })}`,
    })
    expect(await rows('SELECT version, first_seen_at, drained_at FROM root_keys')).toEqual([
      { version: 2, first_seen_at: 2, drained_at: 5 },
    ])
  })
})
