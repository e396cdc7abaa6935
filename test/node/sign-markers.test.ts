import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeEach, expect, it, vi } from 'vitest'
import { beginSigning } from '../../src/compliance/erasure/sign-markers.ts'
import { newUserId } from '../../src/core/ids.ts'

// The command itself, over a database and a bucket in memory in place of those that wrangler opens.

const stores = vi.hoisted(() => ({ execute: (_: string): object[] => [], objects: new Map<string, string>() }))

vi.mock('../../src/cli/shared/wrangler.ts', async (load) => ({
  ...(await load<object>()),
  runWrangler: async (args: readonly string[]) => {
    const results = (args.at(-1) ?? '').split(';\n').map((sql) => ({ results: stores.execute(sql) }))
    return { exitCode: 0, output: JSON.stringify(results) }
  },
}))

vi.mock('../../src/cli/archive/archive-bucket.ts', async (load) => ({
  ...(await load<object>()),
  openBucket: async () => ({
    async *list(prefix: string) {
      for (const path of stores.objects.keys()) if (path.startsWith(prefix)) yield path
    },
    read: async (path: string) => new TextEncoder().encode(stores.objects.get(path)),
    close: async () => undefined,
  }),
}))

// Test files share their modules. Another file may have loaded the commands without the stores above, and
// none after this one may get them with these stores.
vi.resetModules()
const { runLatchkeyHere } = await import('../support/command-runs.ts')
afterAll(() => vi.resetModules())

/** Nothing listens there, so the command cannot start the cron. */
const NOBODY = ['--url', 'http://127.0.0.1:1']

let db: DatabaseSync
let users: Readonly<Record<'erased' | 'living' | 'unknown' | 'signed', string>>

beforeEach(() => {
  db = new DatabaseSync(':memory:')
  for (const { tag } of JSON.parse(readFileSync('migrations/meta/_journal.json', 'utf8')).entries)
    db.exec(readFileSync(`migrations/${tag}.sql`, 'utf8'))
  stores.execute = (sql) => db.prepare(sql).all()
  users = { erased: newUserId(), living: newUserId(), unknown: newUserId(), signed: newUserId() }
  const addUser = db.prepare(
    "INSERT INTO users (id, email_index, email_domain_index, email_enc, created_at) VALUES (?, ?, '', ?, 1)",
  )
  for (const [id, email] of [
    [users.erased, ''],
    [users.living, 'v2.x.y'],
    [users.signed, ''],
  ] as const)
    addUser.run(id, id, email)
  const addErasure = db.prepare(`
    INSERT INTO erasures (user_id, requested_at, due_at, started_at, completed_at, basis)
    VALUES (?, 1, 1, 1, 1, 'user_request')`)
  for (const id of [users.erased, users.signed]) addErasure.run(id)
  stores.objects = new Map([
    ...[users.erased, users.living, users.unknown].map((id): [string, string] => [`erased/${id}`, '']),
    [`erased/${users.signed}`, 'a signed statement'],
    [`keys/${users.living}`, ''],
  ])
})

const signMarkers = async (...words: readonly string[]) => {
  const { status, stdout, stderr } = await runLatchkeyHere(['erasures', 'sign-markers', ...NOBODY, '--json', ...words])
  return { status, stderr, document: stdout === '' ? undefined : JSON.parse(stdout) }
}

const runs = () => db.prepare("SELECT cursor FROM job_runs WHERE job = 'sign-markers'").all()

it('lists the markers without a signature, and how many are of people who were erased', async () => {
  const { status, document } = await signMarkers()
  expect(status).toBe(0)
  expect(document.signable).toBe(1)
  expect(new Map(document.unsigned.map((row: Record<string, string>) => [row.user_id, row.state]))).toEqual(
    new Map([
      [users.erased, 'erased'],
      [users.living, 'not erased'],
      [users.unknown, 'unknown'],
    ]),
  )
  expect(runs()).toEqual([])
})

it('lists nothing when all have one', async () => {
  stores.objects = new Map([[`erased/${users.signed}`, 'a signed statement']])
  expect((await signMarkers()).document).toEqual({ unsigned: [], signable: 0 })
})

it('asks the Worker to sign as many as the operator counted, once', async () => {
  expect(await signMarkers('--expect', '1')).toEqual({
    status: 0,
    stderr: '',
    document: { requested: ['sign-markers'], expect: 1 },
  })
  expect(runs()).toEqual([{ cursor: beginSigning(1, []) }])
  const again = await signMarkers('--expect', '1')
  expect(again).toMatchObject({ status: 1, stderr: expect.stringContaining('a run is under way') })
  expect(runs()).toHaveLength(1)
})

it('passes on a number that is wrong, and whom the operator names: the Worker counts', async () => {
  await signMarkers('--expect', '3', '--user', users.living, users.unknown)
  expect(runs()).toEqual([{ cursor: beginSigning(3, [users.living, users.unknown]) }])
})

it.each(['0', 'all', '-1', '1e3', '12345678'])('refuses --expect %s', async (expected) => {
  expect((await signMarkers(`--expect=${expected}`)).status).toBe(2)
  expect(runs()).toEqual([])
})

it('takes the user ids of the operator as values and not as SQL', async () => {
  await signMarkers('--expect', '1', '--user', "x'); DROP TABLE users; --")
  expect(runs()).toEqual([{ cursor: beginSigning(1, ["x'); DROP TABLE users; --"]) }])
})
