import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { literal } from '../../src/cli/d1.ts'
import { LIST_OPEN, liftHold, placeHold } from '../../src/cli/erasure-queries.ts'
import { newUserId, type UserId } from '../../src/core/ids.ts'
import { HOUSEKEEPING_CRON } from '../../src/core/lifetimes.ts'

const USER = 'b2e0c1de-0a77-4c1e-9a40-2f7d6d1a9a10'

describe('the command line', () => {
  it.each([
    ['erasures', []],
    ['erasures', ['constructor']],
    ['erasures', ['list', 'stray']],
    ['erasures', ['list', '--nope']],
    ['erasures', ['list', '--remote', '--persist-to', 'x']],
    ['erasures', ['hold']],
    ['erasures', ['hold', 'somebody', 'case-7']],
    ['erasures', ['hold', USER]],
    ['erasures', ['release', USER, 'stray']],
    ['erasures', ['receipt', '--env']],
    ['dead-letters', []],
    ['dead-letters', ['list', 'stray']],
    ['dead-letters', ['replay', '--nope']],
  ])('of %s %j is wrong usage: exit code 2, and no stack', (command, args) => {
    const { status, stdout, stderr } = run(command, args)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^[^\n]+ --help explains\.\n$/)
  })

  it.each(['erasures', 'dead-letters', 'audit-verify', 'receipt-verify'])('of %s has a --help', (command) => {
    const { status, stdout } = run(command, ['--help'])
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining('Exit code 0') })
  })
})

describe('SQL without parameters', () => {
  it.each(['', "'", "it's", "''; DROP TABLE users; --", '\\', '"é🗝\n"'])('%j is the same as a literal', (text) => {
    expect(new DatabaseSync(':memory:').prepare(`SELECT ${literal(text)} AS text`).get()).toEqual({ text })
  })

  it('tells due from pending, held and started', () => {
    const db = newDatabase()
    const due = addErasure(db, { dueAt: 1 })
    const pending = addErasure(db, { dueAt: Date.now() + 60_000 })
    const held = addErasure(db, { dueAt: 1 })
    const heldAfterItsStart = addErasure(db, { dueAt: 1, startedAt: 2 })
    const started = addErasure(db, { dueAt: 1, startedAt: 2 })
    addErasure(db, { dueAt: 1, startedAt: 2, completedAt: 3 })
    for (const user of [held, heldAfterItsStart]) execute(db, placeHold(user, 'case-7'))
    const states = db.prepare(LIST_OPEN).all()
    expect(Object.fromEntries(states.map(({ user_id, state }) => [user_id, state]))).toEqual({
      ...{ [due]: 'due', [pending]: 'pending', [started]: 'started' },
      ...{ [held]: 'held', [heldAfterItsStart]: 'held' },
    })
  })

  it('places one hold, lifts it once, and records each once', () => {
    const db = newDatabase()
    const user = addErasure(db, { dueAt: 1 })
    const runs = [placeHold(user, "it's"), placeHold(user, 'again'), liftHold(user), liftHold(user)]
    expect(runs.map((statements) => execute(db, statements)[0])).toEqual([
      [{ user_id: user }],
      [],
      [{ user_id: user }],
      [],
    ])
    expect(db.prepare('SELECT action, subject_id FROM audit_events ORDER BY rowid').all()).toEqual([
      { action: 'legal_hold.placed', subject_id: user },
      { action: 'legal_hold.lifted', subject_id: user },
    ])
  })

  it('holds nobody who is unknown or erased', () => {
    const db = newDatabase()
    const erased = addErasure(db, { dueAt: 1, startedAt: 2, completedAt: 3 })
    for (const user of [newUserId(), erased]) {
      expect(execute(db, placeHold(user, 'case-7'))).toEqual([[], [], [{ is_known: 0 }]])
    }
    expect(db.prepare('SELECT * FROM audit_events').all()).toEqual([])
  })
})

it('wrangler.toml triggers the housekeeping', () => {
  const crons = /^crons = (\[.*\])$/m.exec(readFileSync('wrangler.toml', 'utf8'))?.[1]
  expect(JSON.parse(crons ?? '[]')).toContain(HOUSEKEEPING_CRON)
})

const run = (command: string, args: readonly string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, `../../src/cli/${command}.ts`), ...args], { encoding: 'utf8' })

function newDatabase(): DatabaseSync {
  const db = new DatabaseSync(':memory:')
  for (const { tag } of JSON.parse(readFileSync('migrations/meta/_journal.json', 'utf8')).entries) {
    db.exec(readFileSync(`migrations/${tag}.sql`, 'utf8'))
  }
  return db
}

const execute = (db: DatabaseSync, statements: readonly string[]) => statements.map((sql) => db.prepare(sql).all())

function addErasure(db: DatabaseSync, times: { dueAt: number; startedAt?: number; completedAt?: number }): UserId {
  const user = newUserId()
  db.prepare(`
    INSERT INTO users (id, email_index, email_domain_index, email_enc, created_at) VALUES (?, ?, '', '', 1)`).run(
    user,
    user,
  )
  db.prepare(`
    INSERT INTO erasures (user_id, requested_at, due_at, started_at, completed_at, basis)
    VALUES (?, 1, ?, ?, ?, 'user_request')`).run(user, times.dueAt, times.startedAt ?? null, times.completedAt ?? null)
  return user
}
