import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { openRuns } from '../../src/compliance/job-runs.ts'
import { together } from '../../src/core/for-all.ts'
import { getKeyProgress } from '../../src/keys/get-key-progress.ts'
import { retirePasswords } from '../../src/keys/retire-passwords.ts'
import { newPerson, PASSWORD, post } from '../support/api.ts'
import { faultyEnv, killedAt } from '../support/faulty-env.ts'
import { beforeBatch } from '../support/intercept-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { envWithKeys, rootKeys } from '../support/root-keys.ts'
import { rows, runCron } from '../support/service.ts'
import { SIZES } from '../support/sizes.ts'

const both = envWithKeys([2, 1])

/** Requests a retirement, as an operator does. */
const ask = async () => openRuns(await jobContext(), ['retire-passwords'])

const passwords = async () =>
  (await rows<{ user_id: string; password_hash: string | null }>('SELECT user_id, password_hash FROM credentials')).map(
    ({ user_id, password_hash }) => [user_id, password_hash?.match(/,keyid=(\d+)/)?.[1] ?? password_hash] as const,
  )

const HASH = (version: number) => `$argon2id$v=19$m=19456,t=2,p=1,keyid=${version}$c2FsdHNhbHQ$dGFndGFndGFndGFndGFndGE`

/** Inserts people who have only a password hash. */
async function addHashes(count: number, hash: string | null): Promise<void> {
  const ids = JSON.stringify(Array.from({ length: count }, () => crypto.randomUUID()))
  await env.DB.batch([
    env.DB.prepare(
      "INSERT INTO users (id, email_index, email_domain_index, email_enc, created_at) SELECT value, '2.' || value, '', 'x', 1 FROM json_each(?)",
    ).bind(ids),
    env.DB.prepare(
      'INSERT INTO credentials (user_id, password_hash, changed_at) SELECT value, ?, 1 FROM json_each(?)',
    ).bind(hash, ids),
  ])
}

test('no password is retired before an operator requests it (D4)', async () => {
  await newPerson()
  await runCron(both)
  expect((await passwords())[0]?.[1]).toBe('1')
})

test('only passwords not used since the rotation are retired, and sign-in refuses them like a wrong password (D4, E1)', async () => {
  const [idle, active] = [await newPerson(), await newPerson()]
  await post('/auth/login', { email: active.email, password: PASSWORD }, { env: both })
  await addHashes(1, '$2b$10$imported')
  await addHashes(1, null)
  await ask()
  await runCron(both, '*/5 * * * *')
  const left = new Map(await passwords())
  expect([left.get(idle.id), left.get(active.id)]).toEqual([null, '2'])
  expect([...left.values()]).toEqual(expect.arrayContaining(['$2b$10$imported']))
  const { status, body } = await post('/auth/login', { email: idle.email, password: PASSWORD }, { env: both })
  expect([status, body.code]).toEqual([401, 'invalid_credentials'])
  expect(await rows("SELECT subject_id, detail FROM audit_events WHERE action = 'user.password_retired'")).toEqual([
    { subject_id: idle.id, detail: '{"reason":"old_pepper"}' },
  ])
  const progress = await getKeyProgress(await jobContext(Date.now(), both))
  expect(progress).toMatchObject({
    passwords_without_pepper: 1,
    versions: [
      { version: 2, passwords: 1 },
      { version: 1, passwords: 0 },
    ],
  })
  expect(progress.runs.find(({ job }) => job === 'retire-passwords')?.counts).toEqual({ retired: 1 })
})

test('a hash that was replaced meanwhile is kept (D4)', async () => {
  await addHashes(1, HASH(1))
  const ctx = await jobContext(
    Date.now(),
    beforeBatch(1, () => env.DB.prepare('UPDATE credentials SET password_hash = ?').bind(HASH(2)).run(), {
      ROOT_KEYS: rootKeys(2, 1),
    }),
  )
  await retirePasswords(ctx, { limit: 50, passedOver: 0 }, together)
  expect((await passwords()).map(([, version]) => version)).toEqual(['2'])
  expect(await rows("SELECT id FROM audit_events WHERE action = 'user.password_retired'")).toEqual([])
})

test.each(SIZES)(
  'two concurrent cron runs retire the passwords of %i people once each, with one event (D4)',
  async (count) => {
    await addHashes(count, HASH(1))
    await ask()
    await Promise.all([runCron(both, '*/5 * * * *'), runCron(both, '*/5 * * * *')])
    await runCron(both, '*/5 * * * *')
    expect(await rows('SELECT user_id FROM credentials WHERE password_hash IS NOT NULL')).toEqual([])
    expect(await rows("SELECT id FROM audit_events WHERE action = 'user.password_retired'")).toHaveLength(count)
  },
)

test('a run that is killed at any call and resumed retires every old password, with one event each (D4)', async () => {
  for (let at = 0, wasKilled = true; wasKilled; at++) {
    await env.DB.batch(['audit_events', 'credentials', 'users'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)))
    await addHashes(3, HASH(1))
    await ask()
    const faulty = faultyEnv(both, killedAt(at, at % 2 === 0 ? 'fail' : 'lose-reply'))
    await runCron(faulty.env, '*/5 * * * *')
    wasKilled = faulty.calls.length > at
    await runCron(both, '*/5 * * * *')
    expect(await rows('SELECT user_id FROM credentials WHERE password_hash IS NOT NULL')).toEqual([])
    expect(await rows("SELECT id FROM audit_events WHERE action = 'user.password_retired'")).toHaveLength(3)
  }
}, 120_000)
