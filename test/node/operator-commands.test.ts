import { globSync, readFileSync } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  COUNT_LETTERS,
  findOldEvent,
  LIST_REFUSED,
  permitEvent,
  settleEvents,
} from '../../src/cli/archive/letter-queries.ts'
import { selectOtherKeys } from '../../src/cli/dev/open-ring.ts'
import { holdSteps, LIST_OPEN, releaseSteps, reopenSteps } from '../../src/cli/erasures/erasure-queries.ts'
import { COUNT_OLD_PASSWORDS, forgetRootKey, LIST_ROOT_KEYS } from '../../src/cli/keys/key-queries.ts'
import { newProgram } from '../../src/cli/program.ts'
import { executeSql, literal, textsOf } from '../../src/cli/shared/d1.ts'
import { factorResetSteps } from '../../src/cli/users/factor-reset-queries.ts'
import { grantSteps } from '../../src/cli/users/grant-queries.ts'
import { newUserId, type UserId } from '../../src/core/ids.ts'
import { HOUSEKEEPING_CRON } from '../../src/core/lifetimes.ts'
import type { EventWithSeal } from '../../src/core/sealed-event.ts'
import { openErasureSeals } from '../../src/crypto/erasure-seal.ts'
import { checkSeal, createSealEvent } from '../../src/crypto/event-seal.ts'
import { deriveKeyRing } from '../../src/crypto/key-ring.ts'
import { type CommandLine, type CommandRun, runCommandLines, runLatchkey } from '../support/command-runs.ts'
import { commandsOf, type NamedCommand } from '../support/commands-of.ts'
import { ringOf, secretOf } from '../support/keys.ts'

const ring = await ringOf(1)
const seal = createSealEvent(ring)
const sealers = { seal, seals: await openErasureSeals(ring) }

const NO_POLICY = { TWO_STEP_REQUIRED: 'none', TWO_STEP_ROLES: ['admin'], TWO_STEP_GRACE_DAYS: 14 } as const

const USER = 'b2e0c1de-0a77-4c1e-9a40-2f7d6d1a9a10'

const WRONG_USAGE: readonly CommandLine[] = [
  ['constructor'],
  ['--nope'],
  ['erasures', '--nope'],
  ['erasures', 'constructor'],
  ['erasures', 'list', 'stray'],
  ['erasures', 'list', '--nope'],
  ['erasures', 'list', '--remote', '--persist-to', 'x'],
  ['erasures', 'hold'],
  ['erasures', 'hold', 'somebody', 'case-7'],
  ['erasures', 'hold', USER],
  ['erasures', 'release', USER, 'stray'],
  ['erasures', 'receipt', '--env'],
  ['erasures', 'reopen'],
  ['erasures', 'reopen', '--expect', 'all'],
  ['erasures', 'reopen', '--expect', '0'],
  ['admin', 'grant'],
  ['admin', 'grant', 'ada'],
  ['admin', 'grant', 'ada@example.com', 'stray'],
  ['admin', 'reset-factors'],
  ['admin', 'reset-factors', 'ada'],
  ['admin', 'reset-factors', 'ada@example.com', 'stray'],
  ['dead-letters', 'list', 'stray'],
  ['dead-letters', 'replay', '--nope'],
  ['dead-letters', 'archive'],
  ['dead-letters', 'archive', 'a', 'stray'],
  ['dead-letters', 'settle', 'a', 'stray'],
  ['keys', 'status', 'stray'],
  ['keys', 'forget'],
  ['keys', 'forget', '0'],
  ['keys', 'forget', '1', 'stray'],
  ['keys', 'rotate', '--remote', '--persist-to', 'x'],
  ['vault', 'restore', 'stray'],
  ['users', 'import'],
  ['users', 'import', 'no-such-file.ndjson'],
  ['users', 'import', 'package.json'],
  ['users', 'import', 'package.json', 'stray'],
  ['users', 'import', 'package.json', '--reason', 'curiosity'],
  ['users', 'export'],
  ['users', 'export', 'package.json'],
  ['users', 'export', 'new.ndjson', '--nope'],
]

describe('the command line', () => {
  const commands = commandsOf(newProgram())
  const helps = commands.map(({ words }): CommandLine => [...words, '--help'])
  // `dev` has a command below it too, but takes arguments itself: without any, it starts a service.
  const isArea = ({ command }: NamedCommand) => command.commands.length > 0 && command.registeredArguments.length === 0
  const areas = commands.filter(isArea).map(({ words }) => words)
  let runs: ReadonlyMap<CommandLine, CommandRun>

  beforeAll(() => {
    const lines = [...WRONG_USAGE, ...helps, ...areas]
    const ran = runCommandLines(lines)
    runs = new Map(lines.map((line, i) => [line, ran[i] as CommandRun]))
  })

  it.each(WRONG_USAGE.map((line) => [line.join(' '), line] as const))(
    'latchkey %s is wrong usage: exit code 2, and no stack',
    (_, line) => {
      expect(runs.get(line)).toEqual({
        status: 2,
        stdout: '',
        stderr: expect.stringMatching(/^[^\n]+ --help explains\.\n$/),
      })
    },
  )

  it.each(helps.map((line) => [line.join(' '), line] as const))(
    'latchkey %s names the options and the exit codes',
    (_, line) => {
      const { status, stdout, stderr } = runs.get(line) ?? {}
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      expect(stdout).toMatch(/^Usage: latchkey/)
      expect(stdout).toMatch(/^Exit codes:/m)
    },
  )

  it.each(areas.map((line) => [line.join(' '), line] as const))(
    'latchkey %s alone is wrong usage, and lists what there is',
    (_, line) => {
      const help = runs.get(
        helps.find((words) => words.length === line.length + 1 && words[0] === (line[0] ?? '--help')) ?? [],
      )
      expect(runs.get(line)).toEqual({ status: 2, stdout: '', stderr: help?.stdout })
    },
  )

  it('every command can answer as one document', () => {
    const without = commands.filter(
      (named) => !isArea(named) && !named.command.options.some(({ long }) => long === '--json'),
    )
    expect(without.map(({ words }) => words)).toEqual([['dev'], ['demo']])
  })

  it('suggests similar words', () => {
    const [command, option] = runCommandLines([
      ['erasures', 'lst'],
      ['erasures', 'list', '--remot'],
    ])
    expect(command?.stderr).toBe("Unknown command 'lst'. (Did you mean list?) --help explains.\n")
    expect(option?.stderr).toBe("Unknown option '--remot'. (Did you mean --remote?) --help explains.\n")
  })

  it.each([...WRONG_USAGE.slice(0, 1), ...helps.slice(1, 2), ...areas.slice(1, 2)].map((line) => [line]))(
    'is the same in a process of its own: %j',
    (line) => {
      expect(runLatchkey(line)).toEqual(runs.get(line))
    },
  )
})

it('H4 admin grant --remote takes the key only from the environment, and names the setting that is wrong', () => {
  const { status, stdout, stderr } = runLatchkey(['admin', 'grant', 'ada@example.com', '--remote'], {
    ROOT_KEYS: 'changeme',
  })
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  expect(stderr).toBe('Could not finish: missing or invalid: ROOT_KEYS\n')
})

describe('SQL without parameters', () => {
  it.each(['', "'", "it's", "''; DROP TABLE users; --", '\\', '"é🗝\n"'])('%j is the same as a literal', (text) => {
    expect(new DatabaseSync(':memory:').prepare(`SELECT ${literal(text)} AS text`).get()).toEqual({ text })
  })

  it('tells due from pending, held and failed', () => {
    const db = newDatabase()
    const due = addErasure(db, { dueAt: 1 })
    const pending = addErasure(db, { dueAt: Date.now() + 60_000 })
    const held = addErasure(db, { dueAt: 1 })
    const heldAfterItsStart = addErasure(db, { dueAt: 1, startedAt: 2 })
    const claimed = addErasure(db, { dueAt: 1, startedAt: Date.now() - 60_000 })
    const failed = addErasure(db, { dueAt: 1, startedAt: 2 })
    addErasure(db, { dueAt: 1, startedAt: 2, completedAt: 3 })
    for (const user of [held, heldAfterItsStart]) execute(db, textsOf(holdSteps(sealers, user, 'case-7')))
    const states = db.prepare(LIST_OPEN).all()
    expect(Object.fromEntries(states.map(({ user_id, state }) => [user_id, state]))).toEqual({
      [due]: 'due',
      [pending]: 'pending',
      [claimed]: 'due',
      [failed]: 'failed',
      [held]: 'held',
      [heldAfterItsStart]: 'held',
    })
  })

  it('places one hold, lifts it once, and records each once', () => {
    const db = newDatabase()
    const user = addErasure(db, { dueAt: 1 })
    const runs = [
      textsOf(holdSteps(sealers, user, "it's")),
      textsOf(holdSteps(sealers, user, 'again')),
      textsOf(releaseSteps(seal, user)),
      textsOf(releaseSteps(seal, user)),
    ]
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

  it('refuses a hold for a user who is unknown or erased', () => {
    const db = newDatabase()
    const erased = addErasure(db, { dueAt: 1, startedAt: 2, completedAt: 3 })
    for (const user of [newUserId(), erased]) {
      expect(execute(db, textsOf(holdSteps(sealers, user, 'case-7')))).toEqual([[], [], [{ is_known: 0 }]])
    }
    expect(db.prepare('SELECT * FROM audit_events').all()).toEqual([])
  })
})

it('wait while another process writes to the local database', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'latchkey-locked-'))
  const target = { remote: false, persistTo: folder.path, environment: undefined }
  await executeSql(target, ['CREATE TABLE notes (text TEXT)'])
  const [path = ''] = globSync(join(folder.path, 'v3/d1/miniflare-D1DatabaseObject/*[0-9a-f].sqlite'))
  using db = new DatabaseSync(path)
  db.exec('BEGIN IMMEDIATE')
  // Longer than wrangler needs to start and to be refused.
  setTimeout(() => db.exec('COMMIT'), 4000)
  await executeSql(target, ["INSERT INTO notes VALUES ('once')"])
  expect(await executeSql(target, ['SELECT text FROM notes'])).toEqual([[{ text: 'once' }]])
  await expect(executeSql(target, ['SELECT missing FROM notes'])).rejects.toThrow('no such column')
}, 60_000)

describe('the first admin', () => {
  it('is made once, and recorded once', () => {
    const db = newDatabase()
    const user = addUser(db)
    const [first, second] = [
      execute(db, textsOf(grantSteps(seal, NO_POLICY, ['2.none', user]))),
      execute(db, textsOf(grantSteps(seal, NO_POLICY, [user]))),
    ]
    const event = expect.objectContaining({ outcome: 'success', subject_id: user })
    expect(first).toEqual([[{ user_id: user }], [event], [{ id: user, status: 'active' }]])
    expect(second).toEqual([[], [], [{ id: user, status: 'active' }]])
    expect(db.prepare('SELECT role, user_id FROM user_roles').all()).toEqual([{ role: 'admin', user_id: user }])
    expect(db.prepare('SELECT action, actor_type, actor_id, subject_id, detail FROM audit_events').all()).toEqual([
      {
        action: 'user.role_granted',
        actor_type: 'system',
        actor_id: null,
        subject_id: user,
        detail: '{"role":"admin"}',
      },
    ])
  })

  it.each(['suspended', 'deleted'])('is not granted to an account that is %s', (status) => {
    const db = newDatabase()
    const user = addUser(db)
    db.prepare('UPDATE users SET status = ?').run(status)
    expect(execute(db, textsOf(grantSteps(seal, NO_POLICY, [user])))).toEqual([[], [], [{ id: user, status }]])
    expect(execute(db, textsOf(grantSteps(seal, NO_POLICY, ['1.nobody'])))).toEqual([[], [], []])
    expect(db.prepare('SELECT * FROM audit_events').all()).toEqual([])
  })
})

describe('the second factors of a person whom no operator can help', () => {
  it('M17 go at once, with every session and a reset that waits, and it is recorded and mailed', () => {
    const db = newDatabase()
    const [user, other] = [addUser(db), addUser(db)]
    for (const id of [user, other]) addFactors(db, id)
    const results = execute(db, textsOf(factorResetSteps(seal, ['2.none', user])))
    expect(results[0]).toEqual([{ id: user }])
    expect(results.at(-1)).toEqual([{ id: user, status: 'active', security_epoch: 1 }])
    const left = (table: string) => db.prepare(`SELECT user_id FROM ${table}`).all()
    for (const table of ['totp_factors', 'recovery_codes', 'factor_resets', 'one_time_tokens'])
      expect(left(table), table).toEqual([{ user_id: other }])
    expect(db.prepare('SELECT action, actor_type, subject_id, detail FROM audit_events').all()).toEqual([
      {
        action: 'factors.reset',
        actor_type: 'system',
        subject_id: user,
        detail: '{"kinds":["totp","passkeys","recovery_codes"]}',
      },
    ])
    expect(db.prepare('SELECT user_id, template, token_id FROM mail_jobs').all()).toEqual([
      { user_id: user, template: 'factors-reset', token_id: null },
    ])
    expect(db.prepare('SELECT two_step_at FROM users WHERE id = ?').all(user)).toEqual([{ two_step_at: 1 }])
    expect(db.prepare('SELECT security_epoch FROM users WHERE id = ?').all(other)).toEqual([{ security_epoch: 0 }])
  })

  it('M17 the command lets in a person without any factor as well', () => {
    const db = newDatabase()
    const user = addUser(db)
    const [reset] = execute(db, textsOf(factorResetSteps(seal, [user])))
    expect(reset).toEqual([{ id: user }])
  })

  it('M17 the command turns two-step sign-in off only if it is told to, and records that', () => {
    const db = newDatabase()
    const [user, other] = [addUser(db), addUser(db)]
    for (const id of [user, other]) addFactors(db, id)
    db.prepare('UPDATE users SET two_step_due_at = 1').run()
    execute(db, textsOf(factorResetSteps(seal, [user], true)))
    const need = (id: string) => db.prepare('SELECT two_step_at, two_step_due_at FROM users WHERE id = ?').all(id)
    expect(need(user)).toEqual([{ two_step_at: null, two_step_due_at: null }])
    expect(need(other)).toEqual([{ two_step_at: 1, two_step_due_at: 1 }])
    expect(db.prepare('SELECT detail FROM audit_events').all()).toEqual([
      { detail: '{"kinds":["totp","passkeys","recovery_codes"],"two_step":"off"}' },
    ])
    execute(db, textsOf(factorResetSteps(seal, [other])))
    expect(need(other)).toEqual([{ two_step_at: 1, two_step_due_at: 1 }])
  })

  it.each(['suspended', 'deleted'])('stay if the account is %s', (status) => {
    const db = newDatabase()
    const user = addUser(db)
    addFactors(db, user)
    db.prepare('UPDATE users SET status = ?').run(status)
    const results = execute(db, textsOf(factorResetSteps(seal, [user])))
    expect([results[0], results.at(-1)]).toEqual([[], [{ id: user, status, security_epoch: 0 }]])
    expect(db.prepare('SELECT user_id FROM totp_factors').all()).toHaveLength(1)
    expect(db.prepare('SELECT user_id FROM factor_resets').all()).toHaveLength(1)
    expect(db.prepare('SELECT * FROM audit_events').all()).toEqual([])
  })

  function addFactors(db: DatabaseSync, user: string): void {
    db.prepare("INSERT INTO totp_factors VALUES (?, 'x', 1, 0, 'n', 1)").run(user)
    db.prepare("INSERT INTO recovery_codes VALUES (?, 'x', 1, NULL, NULL)").run(user)
    db.prepare("INSERT INTO factor_resets VALUES (?, '[]', 1, 'x', 1)").run(user)
    db.prepare(
      "INSERT INTO one_time_tokens (id, user_id, purpose, created_at, expires_at) VALUES (?, ?, 'keep', 1, 9)",
    ).run(`token of ${user}`, user)
    db.prepare('UPDATE users SET two_step_at = 1, is_verified = 1 WHERE id = ?').run(user)
  }
})

describe('an admin of a policy', () => {
  const POLICY = { ...NO_POLICY, TWO_STEP_REQUIRED: 'roles' } as const
  const dueOf = (db: DatabaseSync) => db.prepare('SELECT two_step_due_at AS at, two_step_due_by AS by FROM users').get()

  it('M11 gets the due date in the batch that grants the role, once, and is mailed', () => {
    const db = newDatabase()
    const user = addUser(db)
    db.exec('UPDATE users SET is_verified = 1')
    const before = Date.now()
    execute(db, textsOf(grantSteps(seal, POLICY, [user])))
    const due = dueOf(db)
    expect(due).toMatchObject({ by: 'policy' })
    expect(Number(due?.at) - before - 14 * 86_400_000).toBeLessThan(60_000)
    expect(Number(due?.at)).toBeGreaterThanOrEqual(before + 14 * 86_400_000)
    expect(db.prepare('SELECT template FROM mail_jobs').all()).toEqual([{ template: 'two-step-due' }])
    expect(db.prepare('SELECT action, subject_id FROM audit_events ORDER BY rowid').all()).toEqual([
      { action: 'user.role_granted', subject_id: user },
      { action: 'two_step.due', subject_id: user },
    ])
    execute(db, textsOf(grantSteps(seal, POLICY, [user])))
    expect(dueOf(db)).toEqual(due)
    expect(db.prepare('SELECT * FROM audit_events').all()).toHaveLength(2)
  })

  it('M11 keeps a date that an operator has set, and an account that is no admin gets none', () => {
    const db = newDatabase()
    const user = addUser(db)
    db.exec("UPDATE users SET two_step_due_at = 7, two_step_due_by = 'operator'")
    execute(db, textsOf(grantSteps(seal, POLICY, [user])))
    expect(dueOf(db)).toEqual({ at: 7, by: 'operator' })
    db.exec(
      "DELETE FROM user_roles; UPDATE users SET two_step_due_at = NULL, two_step_due_by = NULL, status = 'deleted'",
    )
    execute(db, textsOf(grantSteps(seal, POLICY, [user])))
    expect(dueOf(db)).toEqual({ at: null, by: null })
  })
})

describe('a pass over the erasure markers', () => {
  it('is opened with the number of people that it may reopen, unless one is under way', () => {
    const db = newDatabase()
    const [opened] = execute(db, textsOf(reopenSteps(1200)))
    expect(opened).toHaveLength(1)
    expect(db.prepare('SELECT job, cursor, finished_at FROM job_runs').all()).toEqual([
      { job: 'reopen-restored', cursor: 'count:1200:0:', finished_at: null },
    ])
    expect(execute(db, textsOf(reopenSteps(9)))).toEqual([[]])
  })
})

describe('the root keys', () => {
  it('are listed with counts, and a key that was declared lost is no longer waited for', () => {
    const db = newDatabase()
    const now = Date.now()
    for (const [version, index] of [
      [1, '1.a'],
      [2, '2.a'],
      [2, '2.b'],
    ] as const) {
      const user = newUserId()
      const hash = `$argon2id$v=19$m=19456,t=2,p=1,keyid=${version}$salt$tag`
      db.prepare(
        "INSERT INTO users (id, email_index, email_domain_index, email_enc, created_at) VALUES (?, ?, '', '', 1)",
      ).run(user, index)
      db.prepare('INSERT INTO credentials (user_id, password_hash, changed_at) VALUES (?, ?, 1)').run(user, hash)
      db.prepare("INSERT OR IGNORE INTO root_keys (version, fingerprint, first_seen_at) VALUES (?, 'f', ?)").run(
        version,
        now,
      )
    }
    db.prepare(
      "INSERT INTO job_runs (id, job, started_at, updated_at, finished_at, counts) VALUES ('a', 'rewrap-keys', 1, 1, 1, ?)",
    ).run('{"version_2":2}')
    const seen = new Date(now).toISOString().slice(0, 19).replace('T', ' ')
    const sealed = { events: null, requests: 0 }
    expect(db.prepare(LIST_ROOT_KEYS).all()).toEqual([
      { version: 2, state: 'in use', data_keys: 2, indexes: 2, passwords: 2, ...sealed, first_seen_utc: seen },
      { version: 1, state: 'in use', data_keys: 0, indexes: 1, passwords: 1, ...sealed, first_seen_utc: seen },
    ])
    expect(db.prepare(COUNT_OLD_PASSWORDS).all()).toEqual([
      { pepper: 1, passwords: 1 },
      { pepper: 2, passwords: 2 },
    ])
    expect([forgetRootKey('1'), forgetRootKey('1'), forgetRootKey('7')].map((sql) => db.prepare(sql).all())).toEqual([
      [{ version: 1 }],
      [],
      [],
    ])
    expect(db.prepare('SELECT version FROM root_keys WHERE drained_at IS NULL').all()).toEqual([{ version: 2 }])
  })
})

describe('a command that records an event', () => {
  const KEYS = { version: 1, secret: secretOf(1) }

  it('K34 seals it with the root keys, so that the archive takes it', async () => {
    const db = newDatabase()
    const user = addErasure(db, { dueAt: 1 })
    execute(db, textsOf(grantSteps(seal, NO_POLICY, [user])))
    const ring = await ringOf(1)
    const events = db
      .prepare(
        `SELECT id, occurred_at, action, outcome, actor_type, actor_id, subject_id, request_id, detail, note_enc, seal
         FROM audit_events`,
      )
      .all() as unknown as EventWithSeal[]
    expect(events.map((event) => checkSeal(ring, event))).toEqual([{ state: 'sealed', fromDatabase: ['subject'] }])
  })

  it.each([
    ['erasures', 'hold', USER, 'case-7'],
    ['erasures', 'release', USER],
    ['admin', 'grant', 'ada@example.com'],
    ['dead-letters', 'archive', 'letter'],
  ])('K34 refuses without the root keys, and changes nothing: %s %s', (...words) => {
    const { status, stdout, stderr } = runLatchkey([...words, '--remote'], { ROOT_KEYS: '' })
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toBe('Could not finish: missing or invalid: ROOT_KEYS\n')
  })

  it('K34 finds root keys that are not those of the service', async () => {
    const db = newDatabase()
    const { all } = await deriveKeyRing([KEYS])
    const insert = db.prepare('INSERT INTO root_keys (version, fingerprint, first_seen_at) VALUES (?, ?, 1)')
    const [selectOther = ''] = textsOf({ other: selectOtherKeys(await deriveKeyRing([KEYS])) })
    expect(db.prepare(selectOther).all()).toEqual([])
    insert.run(1, all[0]?.fingerprint ?? '')
    expect(db.prepare(selectOther).all()).toEqual([])
    db.exec("UPDATE root_keys SET fingerprint = 'another'")
    expect(db.prepare(selectOther).all()).toEqual([{ version: 1 }])
  })
})

describe('refused events', () => {
  it('K22 are listed, and archived late or settled once', () => {
    const db = newDatabase()
    const insert = db.prepare(
      "INSERT INTO dead_letters (id, queue, body, received_at, reason) VALUES (?, 'latchkey-audit', ?, ?, ?)",
    )
    insert.run('old', '{"action":"user.signed_in"}', 1, 'too_old')
    insert.run('forged', 'no JSON', 2, 'unsealed')
    insert.run('mail', '{}', 3, null)
    expect(db.prepare(LIST_REFUSED).all()).toMatchObject([
      { id: 'forged', reason: 'unsealed', action: null },
      { id: 'old', reason: 'too_old', action: 'user.signed_in' },
    ])
    expect(db.prepare(COUNT_LETTERS).all()).toHaveLength(3)
    const run = (statement: string) =>
      db
        .prepare(statement)
        .all()
        .map(({ id }) => id)
    expect(['old', 'forged', 'mail', "it's"].map((id) => run(findOldEvent(id)))).toEqual([['old'], [], [], []])
    expect(run(permitEvent('forged', '{}'))).toEqual([])
    expect(run(permitEvent('old', '{"late":"x"}'))).toEqual(['old'])
    expect(db.prepare("SELECT body, reason FROM dead_letters WHERE id = 'old'").all()).toEqual([
      { body: '{"late":"x"}', reason: null },
    ])
    expect(run(settleEvents('mail'))).toEqual([])
    expect(run(settleEvents(undefined))).toEqual(['forged'])
    expect(run(settleEvents('forged'))).toEqual([])
  })
})

it('wrangler.toml triggers the housekeeping', () => {
  const crons = /^crons = (\[.*\])$/m.exec(readFileSync('wrangler.toml', 'utf8'))?.[1]
  expect(JSON.parse(crons ?? '[]')).toContain(HOUSEKEEPING_CRON)
})

function newDatabase(): DatabaseSync {
  const db = new DatabaseSync(':memory:')
  for (const { tag } of JSON.parse(readFileSync('migrations/meta/_journal.json', 'utf8')).entries) {
    db.exec(readFileSync(`migrations/${tag}.sql`, 'utf8'))
  }
  return db
}

const execute = (db: DatabaseSync, statements: readonly string[]) => statements.map((sql) => db.prepare(sql).all())

/** With the id as the index of the address. */
function addUser(db: DatabaseSync): UserId {
  const user = newUserId()
  const insert = `
    INSERT INTO users (id, email_index, email_domain_index, email_enc, created_at) VALUES (?, ?, '', 'v2.x.y', 1)`
  db.prepare(insert).run(user, user)
  return user
}

function addErasure(db: DatabaseSync, times: { dueAt: number; startedAt?: number; completedAt?: number }): UserId {
  const user = addUser(db)
  db.prepare(`
    INSERT INTO erasures (user_id, requested_at, due_at, started_at, completed_at, basis)
    VALUES (?, 1, ?, ?, ?, 'user_request')`).run(user, times.dueAt, times.startedAt ?? null, times.completedAt ?? null)
  return user
}
