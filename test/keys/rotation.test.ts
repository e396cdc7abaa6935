import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { openRuns } from '../../src/compliance/job-runs.ts'
import { dailyKeyJobs } from '../../src/jobs/key-jobs.ts'
import { runJob } from '../../src/jobs/run-job.ts'
import { getKeyProgress } from '../../src/keys/get-key-progress.ts'
import { noteRootKeys } from '../../src/keys/note-root-keys.ts'
import { indexIdentity, sealSubject } from '../../src/storage/database/social-logins.ts'
import { call, newPerson, PASSWORD, type Person, post } from '../support/api.ts'
import { faultsAt } from '../support/faults-at.ts'
import { faultyEnv, killedAt } from '../support/faulty-env.ts'
import { beforeBatch, interceptStores } from '../support/intercept-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { plainApp as app } from '../support/passwords.ts'
import { envWithKeys, rootKeys } from '../support/root-keys.ts'
import { keysIn, rows, runCron } from '../support/service.ts'
import { SIZES } from '../support/sizes.ts'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const HOUR_MS = 3_600_000

/** Registers and signs in under root key 1, with password hashes of minimal cost. */
const newCheapPerson = () => newPerson({}, { app })

/** The root key version that each key in the vault is actually wrapped under. */
async function wrapsByOwner(bucket = env.VAULT): Promise<Record<string, string>> {
  const paths = await keysIn(bucket, 'keys/')
  const texts = await Promise.all(paths.map(async (path) => (await bucket.get(path))?.text()))
  return Object.fromEntries(paths.map((path, i) => [path.slice(5), String(texts[i]).split('.')[0] ?? '']))
}

const versionsOf = (wraps: Record<string, string>) => [...new Set(Object.values(wraps))]

const indexes = async (): Promise<string[]> =>
  (await rows<{ email_index: string }>('SELECT email_index FROM users ORDER BY id')).map(
    ({ email_index }) => email_index,
  )

const openKeyRuns = async () =>
  openRuns(
    await jobContext(),
    dailyKeyJobs.map(({ name }) => name),
  )

/** Opens and runs the jobs of a rotation to their end. */
async function rotate(using: Env): Promise<void> {
  await openKeyRuns()
  await continueRotation(using)
}

async function continueRotation(using: Env): Promise<void> {
  for (const job of dailyKeyJobs) await runJob(await jobContext(Date.now(), using), job)
  await noteRootKeys(await jobContext(Date.now(), using))
}

const countsOf = async (job: string) =>
  (await rows<{ counts: string }>('SELECT counts FROM job_runs WHERE job = ? ORDER BY rowid', job)).map(({ counts }) =>
    JSON.parse(counts),
  )

test('the cron moves keys and indexes to the newest root key, and all data can be read with it alone (D4)', async () => {
  const people = [await newPerson({ full_name: 'Ada' }), await newPerson(), await newPerson()]
  // A new isolate: this one may have cached the key of the month in another test.
  await post('/auth/login', { email: 'nobody@example.com', password: PASSWORD }, { env: envWithKeys([1]) })
  expect(versionsOf(await wrapsByOwner())).toEqual(['1'])

  const both = envWithKeys([2, 1])
  await runCron(both)
  expect(Object.keys(await wrapsByOwner())).toHaveLength(4)
  expect(versionsOf(await wrapsByOwner())).toEqual(['2'])
  expect((await indexes()).every((index) => index.startsWith('2.'))).toBe(true)
  expect(await rows("SELECT id FROM users WHERE email_domain_index NOT LIKE '2.%'")).toEqual([])
  for (const { id } of people) expect((await env.KEY_CACHE.get(`dek:${id}`)) ?? '2.').toMatch(/^2\./)

  for (const { email } of people)
    expect((await post('/auth/login', { email, password: PASSWORD }, { env: both })).status).toBe(200)
  const alone = envWithKeys([2])
  for (const { id, email } of people) {
    const { status, body } = await post('/auth/login', { email, password: PASSWORD }, { env: alone })
    expect(status).toBe(200)
    const me = await call('/api/v1/users/me', { token: body.access_token, env: alone })
    expect(me.body).toMatchObject({ id, email })
  }
})

test('a second run finds nothing to move and unwraps no key (D4)', async () => {
  await newCheapPerson()
  await rotate(envWithKeys([2, 1]))
  const calls: string[] = []
  const counted = interceptStores(
    (name, run) => {
      calls.push(name)
      return run()
    },
    { ROOT_KEYS: rootKeys(2, 1) },
  )
  await rotate(counted)
  expect(calls.filter((name) => name.startsWith('VAULT') || name.startsWith('KEY_CACHE'))).toEqual(['VAULT.list'])
  expect(await countsOf('rewrap-keys')).toEqual([
    { version_2: 1, rewrapped: 1, unreadable: 0 },
    { version_2: 1, rewrapped: 0, unreadable: 0 },
  ])
})

let networks = 0

/** Uses another network each time, because this test does not concern rate limits. */
const newAddress = () => `198.51.${Math.floor(++networks / 250)}.${1 + (networks % 250)}`

interface Cast {
  readonly veteran: Person
  readonly leaving: Person
  readonly returning: Person
}

test('a large vault is moved in several runs, each limited in its calls to other services (D4)', async () => {
  const { vault } = await jobContext()
  const owners = Array.from({ length: 25 }, () => crypto.randomUUID() as never)
  await Promise.all(owners.map((owner) => vault.create(owner)))
  const both = { ...envWithKeys([2, 1]), KEYS_PER_RUN: '10' } as unknown as Env
  await openKeyRuns()
  const left = async () => Object.values(await wrapsByOwner()).filter((version) => version === '1').length
  const lefts = []
  for (let run = 0; run < 3; run++) {
    await continueRotation(both)
    lefts.push(await left())
  }
  expect(lefts).toEqual([15, 5, 0])
  expect(await countsOf('rewrap-keys')).toEqual([{ version_2: 25, rewrapped: 25, unreadable: 0 }])
})

/** The actions of these people during a rotation. */
async function traffic(using: Env, { veteran, leaving, returning }: Cast): Promise<void> {
  const options = { app, env: using, headers: { 'cf-connecting-ip': newAddress() } }
  const { vault } = await jobContext(Date.now(), using)
  const offer = await post('/auth/login', { email: returning.email, password: PASSWORD }, options)
  const [registered, signedIn, again, restored] = await Promise.all([
    post('/auth/register', { email: `new-${crypto.randomUUID()}@example.com`, password: PASSWORD }, options),
    post('/auth/login', { email: veteran.email, password: PASSWORD }, options),
    post('/auth/register', { email: veteran.email, password: PASSWORD }, options),
    post('/auth/restore', { token: offer.body.restore_token }, options),
    vault.destroy([leaving.id as never]),
  ])
  expect([registered.status, signedIn.status, again.status, restored.status]).toEqual([201, 200, 409, 200])
}

/**
 * Creates three people under root key 1, and a function that restores this state after a rotation and its
 * traffic.
 */
async function newCast(): Promise<Cast & { readonly rewind: () => Promise<void> }> {
  const [veteran, leaving, returning] = [await newCheapPerson(), await newCheapPerson(), await newCheapPerson()]
  await call('/api/v1/users/me', { method: 'DELETE', token: returning.accessToken })
  const paths = await keysIn(env.VAULT, 'keys/')
  const wraps = await Promise.all(paths.map(async (path) => [path, await (await env.VAULT.get(path))?.text()] as const))
  const users = await rows<Record<string, string>>('SELECT id, email_index, status, purge_after FROM users')
  const erasures =
    "INSERT OR REPLACE INTO erasures (user_id, requested_at, due_at, basis) VALUES (?, 1, 9e15, 'user_request')"
  async function rewind(): Promise<void> {
    await env.VAULT.delete((await keysIn(env.VAULT, 'keys/')).filter((path) => !paths.includes(path)))
    await Promise.all(wraps.map(([path, text]) => env.VAULT.put(path, text ?? '')))
    await env.DB.batch([
      ...['job_runs', 'root_keys', 'sessions', 'attempts'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
      env.DB.prepare(erasures).bind(returning.id),
      ...users.map(({ id, email_index, status, purge_after }) =>
        env.DB.prepare('UPDATE users SET email_index = ?, status = ?, purge_after = ? WHERE id = ?').bind(
          ...[email_index, status, purge_after, id],
        ),
      ),
    ])
  }
  return { veteran, leaving, returning, rewind }
}

test('a rotation that is killed at any call and resumed loses nothing, with concurrent sign-ins, registrations, restores and erasures (D4)', async () => {
  const cast = await newCast()
  let killed = 0
  for (let at = 0, wasKilled = true; wasKilled; at++) {
    for (const fault of faultsAt(at)) {
      await cast.rewind()
      await openKeyRuns()
      const both = envWithKeys([2, 1])
      const faulty = faultyEnv(both, killedAt(at, fault))
      await continueRotation(faulty.env).catch(() => undefined)
      wasKilled = faulty.calls.length > at
      killed = wasKilled ? at + 1 : killed
      await Promise.all([traffic(both, cast), continueRotation(envWithKeys([2, 1]))])
      await rotate(both)

      const wraps = await wrapsByOwner()
      expect(versionsOf(wraps)).toEqual(['2'])
      expect(Object.keys(wraps)).toEqual(expect.arrayContaining([cast.veteran.id, cast.returning.id]))
      expect(Object.keys(wraps)).not.toContain(cast.leaving.id)
      const left = await rows<{ id: string }>("SELECT id FROM users WHERE email_index NOT LIKE '2.%'")
      expect(left.filter(({ id }) => id !== cast.leaving.id)).toEqual([])
    }
  }
  expect(killed).toBeGreaterThan(20)
  const { veteran } = cast
  const signedIn = await post(
    '/auth/login',
    { email: veteran.email, password: PASSWORD },
    { app, env: envWithKeys([2]) },
  )
  const me = await call('/api/v1/users/me', { token: signedIn.body.access_token, env: envWithKeys([2]) })
  expect(me.body).toMatchObject({ id: veteran.id, email: veteran.email })
}, 120_000)

describe('an erasure during a rotation', () => {
  test.each(['VAULT.get', 'VAULT.get.text', 'VAULT.put', 'KEY_CACHE.delete'])(
    'just before %s takes precedence, and the key does not come back (D4, D6)',
    async (moment) => {
      const { id } = await newCheapPerson()
      await newCheapPerson()
      let seen = 0
      const racing = interceptStores(
        async (name, run) => {
          if (name === moment && ++seen === 1)
            await (await jobContext()).vault.destroy([
              id as never,
              ...((await keysIn(env.VAULT, 'keys/')).map((path) => path.slice(5)) as never[]),
            ])
          return run()
        },
        { ROOT_KEYS: rootKeys(2, 1) },
      )
      await rotate(racing)
      expect(seen).toBeGreaterThan(0)
      expect(await keysIn(env.VAULT, 'keys/')).toEqual([])
      expect(await env.KEY_CACHE.get(`dek:${id}`)).toBeNull()
    },
  )

  test.each(SIZES)('of half of %i people at once takes precedence (D4, D6)', async (count) => {
    const owners = Array.from({ length: count }, () => crypto.randomUUID() as never)
    const { vault } = await jobContext()
    await Promise.all(owners.map((owner) => vault.create(owner)))
    const leaving = owners.slice(0, count / 2)
    await Promise.all([rotate(envWithKeys([2, 1])), ...leaving.map((owner) => vault.destroy([owner]))])
    await rotate(envWithKeys([2, 1]))
    const wraps = await wrapsByOwner()
    expect(Object.keys(wraps).sort()).toEqual(owners.slice(count / 2).sort())
    expect(versionsOf(wraps)).toEqual(['2'])
  })
})

test.each([2, 16])('%i concurrent runs of one page are counted once (D4)', async (count) => {
  await newCheapPerson()
  await newCheapPerson()
  await openKeyRuns()
  const both = envWithKeys([2, 1])
  await Promise.all(Array.from({ length: count }, () => continueRotation(both)))
  expect(versionsOf(await wrapsByOwner())).toEqual(['2'])
  const [counts] = await countsOf('rewrap-keys')
  expect(counts.version_2).toBeLessThanOrEqual(2)
  await rotate(both)
  expect((await countsOf('rewrap-keys')).at(-1)).toMatchObject({ version_2: 2, rewrapped: 0 })
})

describe('a linked identity', () => {
  const link = async (userId: string, subject: string, versions: readonly number[]) => {
    const { ring, vault } = await jobContext(Date.now(), envWithKeys(versions))
    const lookup = await vault.find(userId as never)
    if (lookup.kind !== 'found') throw new Error('no key')
    const { indexes } = await indexIdentity(ring, 'acme', subject)
    const id = crypto.randomUUID()
    const row = { table: 'social_logins', id, userId: userId as never } as const
    await env.DB.prepare(
      "INSERT INTO social_logins (id, user_id, provider, provider_id_index, provider_id_enc, linked_at) VALUES (?, ?, 'acme', ?, ?, 1)",
    )
      .bind(id, userId, indexes[0], await sealSubject(lookup.key, row, subject))
      .run()
  }
  const links = async () => rows('SELECT user_id, provider_id_index FROM social_logins ORDER BY rowid')

  test('gets the fingerprint that a sign-in with only the newest key computes (D4)', async () => {
    const { id } = await newCheapPerson()
    await link(id, 'subject-7', [1])
    await rotate(envWithKeys([2, 1]))
    const { ring } = await jobContext(Date.now(), envWithKeys([2]))
    const { indexes } = await indexIdentity(ring, 'acme', 'subject-7')
    expect(await links()).toEqual([{ user_id: id, provider_id_index: indexes[0] }])
    expect(await countsOf('reindex-identities')).toEqual([{ reindexed: 1, conflicting: 0, unreadable: 0 }])
  })

  test('whose newest fingerprint is taken, or that is damaged, is not changed, and is counted (D4)', async () => {
    const [one, other, spoiled] = [await newCheapPerson(), await newCheapPerson(), await newCheapPerson()]
    await link(one.id, 'subject-7', [1])
    await link(other.id, 'subject-7', [2, 1])
    await link(spoiled.id, 'subject-8', [1])
    await env.DB.prepare("UPDATE social_logins SET provider_id_enc = 'v1.AAAA.AAAA' WHERE user_id = ?")
      .bind(spoiled.id)
      .run()
    const before = await links()
    await rotate(envWithKeys([2, 1]))
    expect(await links()).toEqual(before)
    expect(await countsOf('reindex-identities')).toEqual([{ reindexed: 0, conflicting: 1, unreadable: 1 }])
  })

  test('is not overwritten after a concurrent change (D4)', async () => {
    const { id } = await newCheapPerson()
    await link(id, 'subject-7', [1])
    await openKeyRuns()
    const changing = beforeBatch(
      1,
      () => env.DB.prepare("UPDATE social_logins SET provider_id_index = '1.changed'").run(),
      { ROOT_KEYS: rootKeys(2, 1) },
    )
    const job = dailyKeyJobs.find(({ name }) => name === 'reindex-identities')
    if (job) await runJob(await jobContext(Date.now(), changing), job)
    expect(await links()).toEqual([{ user_id: id, provider_id_index: '1.changed' }])
  })
})

describe('an index', () => {
  test('is not overwritten after a concurrent change (D4)', async () => {
    const { id } = await newCheapPerson()
    await openKeyRuns()
    const changing = beforeBatch(
      1,
      () => env.DB.prepare("UPDATE users SET email_index = '2.changed' WHERE id = ?").bind(id).run(),
      { ROOT_KEYS: rootKeys(2, 1) },
    )
    const [, reindex] = dailyKeyJobs
    if (reindex) await runJob(await jobContext(Date.now(), changing), reindex)
    expect(await indexes()).toEqual(['2.changed'])
  })

  test('that is taken under the newest key is not changed, and is counted (D4)', async () => {
    const first = await newCheapPerson()
    await newCheapPerson()
    // Only an isolate without the new key could let the same address register twice.
    await rotate(envWithKeys([2, 1]))
    const [index] = await rows<{ email_index: string }>('SELECT email_index FROM users WHERE id = ?', first.id)
    await env.DB.prepare('UPDATE users SET email_index = ? WHERE id = ?').bind('1.before', first.id).run()
    await env.DB.prepare('UPDATE users SET email_index = ? WHERE id <> ?').bind(index?.email_index, first.id).run()
    await rotate(envWithKeys([2, 1]))
    expect((await countsOf('reindex-users')).at(-1)).toEqual({ reindexed: 0, conflicting: 1, unreadable: 0 })
    expect(await indexes()).toContain('1.before')
  })

  test('of a damaged address, or without a key, is skipped and counted, and does not stop the others (D4)', async () => {
    const [spoiled, keyless, sound] = [await newCheapPerson(), await newCheapPerson(), await newCheapPerson()]
    await env.DB.prepare("UPDATE users SET email_enc = 'v1.AAAA.AAAA' WHERE id = ?").bind(spoiled.id).run()
    await (await jobContext()).vault.destroy([keyless.id as never])
    await rotate(envWithKeys([2, 1]))
    expect(await countsOf('reindex-users')).toEqual([{ reindexed: 1, conflicting: 0, unreadable: 2 }])
    expect(await rows("SELECT id FROM users WHERE email_index LIKE '2.%'")).toEqual([{ id: sound.id }])
  })

  test('of version 10 is not mistaken for one of version 1, nor vice versa (D4)', async () => {
    const { id } = await newCheapPerson()
    const ten = { ...env, ROOT_KEYS: `10:${rootKeys(2).slice(2)},${rootKeys(1)}` } as Env
    await rotate(ten)
    expect((await indexes())[0]).toMatch(/^10\./)
    const { versions } = await getKeyProgress(await jobContext(Date.now(), ten))
    expect(versions.map(({ version, indexes, wrapped_keys }) => [version, indexes, wrapped_keys])).toEqual([
      [10, 1, 1],
      [1, 0, 0],
    ])
    await rotate({ ...env, ROOT_KEYS: `${rootKeys(1)},10:${rootKeys(2).slice(2)}` } as Env)
    expect(await wrapsByOwner()).toEqual({ [id]: '1' })
    expect((await indexes())[0]).toMatch(/^1\./)
  })
})

test('a damaged key is counted, is not changed, and does not stop the others (D4)', async () => {
  const { id } = await newCheapPerson()
  await env.VAULT.put('keys/00000000-0000-4000-8000-000000000000', 'garbage')
  await rotate(envWithKeys([2, 1]))
  expect(await countsOf('rewrap-keys')).toEqual([{ version_2: 1, rewrapped: 1, unreadable: 1 }])
  expect((await wrapsByOwner())[id]).toBe('2')
  expect(await (await env.VAULT.get('keys/00000000-0000-4000-8000-000000000000'))?.text()).toBe('garbage')
})

test('an old root key is recorded as drained once no data is under it, an hour after the first use of the newest (D4)', async () => {
  const person = await newPerson()
  const both = envWithKeys([2, 1])
  const stateOf = async (version: number) =>
    (await getKeyProgress(await jobContext(Date.now(), both))).versions.find((usage) => usage.version === version)
  expect(await stateOf(1)).toMatchObject({ state: 'in_use', indexes: 1, passwords: 1, wrapped_keys: null })
  await rotate(both)
  expect(await stateOf(1)).toMatchObject({ state: 'in_use', indexes: 0, passwords: 1, wrapped_keys: 0 })
  await post('/auth/login', { email: person.email, password: PASSWORD }, { env: both })
  expect(await stateOf(1)).toMatchObject({ state: 'in_use', passwords: 0 })
  await runCron(both, '*/5 * * * *')
  await env.DB.prepare('UPDATE audit_events SET archived_at = 1').run()
  vi.setSystemTime(Date.now() + HOUR_MS - 60_000)
  await rotate(both)
  expect(await stateOf(1)).toMatchObject({ state: 'in_use' })
  vi.setSystemTime(Date.now() + 2 * 60_000)
  await rotate(both)
  expect(await stateOf(1)).toMatchObject({ state: 'drained', indexes: 0, passwords: 0, wrapped_keys: 0 })
  expect(await stateOf(2)).toMatchObject({ state: 'current', indexes: 1, passwords: 1, wrapped_keys: 1 })
})
