import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { routes } from '../../src/app/all-routes.ts'
import { compareSchema } from '../../src/compliance/alarms/compare-schema.ts'
import expected from '../../src/compliance/alarms/expected-schema.json'
import { call } from '../support/api.ts'
import { listenToConsole } from '../support/console.ts'
import { jobContext } from '../support/job-context.ts'
import { ask, newAdmin, newUser } from '../support/operators.ts'
import { prepareRequest } from '../support/requests.ts'
import { recordMigration } from '../support/schema.ts'
import { runCron } from '../support/service.ts'
import { change, rows } from '../support/stores.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const compare = async () => compareSchema(await jobContext())

const UNCHANGED = { schema_changed: false, schema_newer: false }

describe('K35 the schema', () => {
  test('is what the migrations make, with the tables of D1 and wrangler beside it', async () => {
    expect(await compare()).toEqual(UNCHANGED)
    await recordMigration(expected.newest)
    expect(await compare()).toEqual(UNCHANGED)
  })

  test.each([
    ['a trigger', 'CREATE TRIGGER planted AFTER INSERT ON users BEGIN DELETE FROM sessions; END', { added_trigger: 1 }],
    [
      "a trigger with a name like D1's",
      'CREATE TRIGGER d1_migrations_x AFTER INSERT ON users BEGIN DELETE FROM sessions; END',
      { added_trigger: 1 },
    ],
    ['a view', 'CREATE VIEW planted AS SELECT 1', { added_view: 1 }],
    ['an index', 'CREATE INDEX planted ON users (created_at)', { added_index: 1 }],
    ['a table', 'CREATE TABLE planted (x)', { added_table: 1 }],
    ['a column', 'ALTER TABLE users ADD COLUMN planted', { changed_table: 1 }],
    ['a lost index', 'DROP INDEX audit_events_action', { missing_index: 1 }],
    ['a lost trigger', 'DROP TRIGGER users_counted_on_insert', { missing_trigger: 1 }],
    [
      'a trigger with another body',
      `DROP TRIGGER users_counted_on_insert;
       CREATE TRIGGER users_counted_on_insert AFTER INSERT ON users BEGIN DELETE FROM sessions; END`,
      { changed_trigger: 1 },
    ],
    ['a renamed table', 'ALTER TABLE imports RENAME TO planted', { added_table: 1, missing_table: 1 }],
  ])('differs by %s, and the log has the kind and not the name', async (_, statements, counts) => {
    for (const statement of statements.split(/;\n\s+/)) await env.DB.prepare(statement).run()
    const written = listenToConsole()
    expect(await compare()).toEqual({ schema_changed: true, schema_newer: false })
    expect(written.lines('schema_differs')).toMatchObject([{ level: 'error', ...counts }])
    expect(written.text()).not.toContain('planted')
  })

  test('may be newer than the code, which is an alarm of its own', async () => {
    await recordMigration('9999_later.sql')
    expect(await compare()).toEqual(UNCHANGED)
    await change('ALTER TABLE users ADD COLUMN later TEXT')
    await change('CREATE INDEX later ON users (created_at)')
    expect(await compare()).toEqual({ schema_changed: false, schema_newer: true })
  })

  test('is not excused by a pretended migration when a trigger or a view was added', async () => {
    await recordMigration('9999_later.sql')
    await change('CREATE VIEW planted AS SELECT 1')
    expect(await compare()).toEqual({ schema_changed: true, schema_newer: true })
  })
})

/** What whoever can write D1 may try, to look at a person without an event. */
const INSIDERS: Record<string, readonly string[]> = {
  'a trigger that deletes the event': [
    'CREATE TRIGGER planted AFTER INSERT ON audit_events BEGIN DELETE FROM audit_events WHERE id = NEW.id; END',
  ],
  'a trigger that marks the event as archived': [
    'CREATE TRIGGER planted AFTER INSERT ON audit_events BEGIN UPDATE audit_events SET archived_at = 1 WHERE id = NEW.id; END',
  ],
  'a trigger that ignores the event': [
    'CREATE TRIGGER planted BEFORE INSERT ON "audit_events" BEGIN SELECT RAISE(IGNORE); END',
  ],
  'a trigger on the table of the limits': [
    'CREATE TRIGGER planted AFTER INSERT ON attempts BEGIN DELETE FROM Audit_Events; END',
  ],
  'a view in the place of the table': [
    'ALTER TABLE audit_events RENAME TO kept',
    'CREATE VIEW audit_events AS SELECT * FROM kept',
    'CREATE TRIGGER planted INSTEAD OF INSERT ON audit_events BEGIN SELECT 1; END',
  ],
  'a table that drops events in silence': [
    'ALTER TABLE audit_events DROP COLUMN pii_enc',
    "ALTER TABLE audit_events ADD COLUMN pii_enc TEXT NOT NULL ON CONFLICT IGNORE DEFAULT ''",
  ],
}

describe('K35 an insider with write access to D1', () => {
  test.each(Object.entries(INSIDERS))('hides no look of an operator with %s', async (_, statements) => {
    const [admin, person] = [await newAdmin(), await newUser({ full_name: 'Ada' })]
    expect((await ask(admin, `/users/${person.id}`)).status).toBe(200)
    for (const statement of statements) await env.DB.prepare(statement).run()
    const written = listenToConsole()
    const answer = await ask(admin, `/users/${person.id}`)
    expect([answer.status, answer.body.code]).toEqual([503, 'misconfigured'])
    expect(JSON.stringify(answer.body)).not.toContain(person.email)
    expect(written.lines('audit_table_changed')).toEqual([{ level: 'error', event: 'audit_table_changed' }])
    await runCron(env, '*/5 * * * *')
    expect(written.lines('alarm')).toContainEqual({ level: 'error', event: 'alarm', name: 'schema_changed' })
    expect(await rows('SELECT name FROM alarms')).toContainEqual({ name: 'schema_changed' })
    expect(written.text()).not.toContain('planted')
  })

  test("refuses at each of the operators' routes, and only there", async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    const adminRoutes = routes.filter(({ path }) => path.startsWith('/api/v1/admin'))
    await change('CREATE TRIGGER planted BEFORE INSERT ON audit_events BEGIN SELECT RAISE(IGNORE); END')
    for (const { method, path } of adminRoutes) {
      const request = await prepareRequest(`${method} ${path}`, person)
      const answer = await call(request.path, { ...request.call, token: admin.accessToken })
      expect([answer.status, answer.body.code], `${method} ${path}`).toEqual([503, 'misconfigured'])
    }
    expect((await call('/api/v1/users/me', { token: person.accessToken })).status).toBe(200)
  })

  test('is seen until the schema is right again, and then operators work as before', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    await change('CREATE TRIGGER planted BEFORE INSERT ON audit_events BEGIN SELECT RAISE(IGNORE); END')
    await runCron(env, '*/5 * * * *')
    await change('DROP TRIGGER planted')
    expect((await ask(admin, '/stats')).body.alarms).toMatchObject([{ name: 'schema_changed', count: 1 }])
    await runCron(env, '*/5 * * * *')
    expect((await ask(admin, '/stats')).body.alarms).toEqual([])
    expect((await ask(admin, `/users/${person.id}`)).status).toBe(200)
  })

  test('A3 learns nothing as a user without the role', async () => {
    const user = await newUser()
    await change('CREATE TRIGGER planted BEFORE INSERT ON audit_events BEGIN SELECT RAISE(IGNORE); END')
    expect((await ask(user, '/stats')).status).toBe(403)
  })
})
