import { describe, expect, test } from 'vitest'
import { openRuns } from '../../src/compliance/job-runs.ts'
import { together } from '../../src/core/for-all.ts'
import type { UserId } from '../../src/core/ids.ts'
import { profileFields } from '../../src/core/profile.ts'
import { dailyKeyJobs } from '../../src/jobs/key-jobs.ts'
import { runJob } from '../../src/jobs/run-job.ts'
import { rebindCiphertexts } from '../../src/keys/rebind-ciphertexts.ts'
import { get, newPerson, type Person } from '../support/api.ts'
import { faultyEnv, killedAt } from '../support/faulty-env.ts'
import { beforeBatch } from '../support/intercept-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { newAdmin } from '../support/operators.ts'
import { plainApp as app } from '../support/passwords.ts'
import { recordQueries } from '../support/query-plans.ts'
import { giveIdentity } from '../support/requests.ts'
import { SIZES } from '../support/sizes.ts'
import { change, row, rows } from '../support/stores.ts'
import { encryptUnbound } from '../support/unbound.ts'

const PROFILE = {
  full_name: 'Ada Byron',
  phone_number: '+4915112345678',
  avatar_url: 'https://pictures.example/ada.png',
  bio: 'Computes.',
  preferences: { locale: 'de' },
}

/** A person, all of whose columns are as version 0.2.0 wrote them. */
async function newOldPerson(): Promise<Person> {
  const person = await newPerson({}, { app })
  await giveIdentity(person)
  const key = await keyOf(person)
  const write = async (table: string, column: string, plaintext: string, idColumn: string) =>
    change(
      `UPDATE ${table} SET ${column} = ? WHERE ${idColumn} = ?`,
      await encryptUnbound(key, { table, column, owner: person.id }, plaintext),
      person.id,
    )
  await write('users', 'email_enc', person.email, 'id')
  await write('social_logins', 'provider_id_enc', 'subject-4711', 'user_id')
  for (const field of profileFields) {
    const value = PROFILE[field]
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    await write('user_profiles', `${field}_enc`, text, 'user_id')
  }
  return person
}

async function keyOf({ id }: Person): Promise<CryptoKey> {
  const lookup = await (await jobContext()).vault.find(id as UserId)
  if (lookup.kind !== 'found') throw new Error('no key')
  return lookup.key
}

/** The encrypted columns of everybody that are still as version 0.2.0 wrote them. */
async function countOld(): Promise<number> {
  const all = await rows(
    `SELECT users.email_enc, p.*, l.provider_id_enc FROM users JOIN user_profiles p ON p.user_id = users.id
     LEFT JOIN social_logins l ON l.user_id = users.id`,
  )
  return all.flatMap((one) => Object.values(one)).filter((value) => String(value).startsWith('v1.')).length
}

const job = dailyKeyJobs.find(({ name }) => name === 'rebind-ciphertexts')

async function runWhole(using?: Env): Promise<void> {
  if (job === undefined) throw new Error('no such job')
  await openRuns(await jobContext(), [job.name])
  await runJob(await jobContext(Date.now(), using), job)
}

const countsOfRuns = async () =>
  (await rows("SELECT counts FROM job_runs WHERE job = 'rebind-ciphertexts' ORDER BY id")).map(({ counts }) =>
    JSON.parse(String(counts)),
  )

test('every column is encrypted for its row, its contents and the version of the profile stay (K37)', async () => {
  const [admin, person] = [await newAdmin(), await newOldPerson()]
  const before = await get('/users/me', person.accessToken)
  const { updated_at } = await row('SELECT updated_at FROM user_profiles WHERE user_id = ?', person.id)
  expect(await countOld()).toBe(7)
  await runWhole()
  expect(await countOld()).toBe(0)
  expect((await get('/users/me', person.accessToken)).body).toEqual(before.body)
  expect(await row('SELECT updated_at FROM user_profiles WHERE user_id = ?', person.id)).toEqual({ updated_at })
  const { body } = await get('/admin/keys', admin.accessToken)
  expect(body.runs).toContainEqual(
    expect.objectContaining({ job: 'rebind-ciphertexts', counts: { rebound: 7, unbound: 0 } }),
  )
})

test('runs end at once after a run that found nothing (K37)', async () => {
  await newOldPerson()
  for (let day = 0; day < 3; day++) await runWhole()
  const recording = faultyEnv((await import('cloudflare:workers')).env, () => 'none')
  await runWhole(recording.env)
  expect(recording.calls.filter((call) => !call.startsWith('DB'))).toEqual([])
  expect(await countsOfRuns()).toEqual([
    { rebound: 7, unbound: 0 },
    { rebound: 0, unbound: 0 },
    { rebound: 0, unbound: 0 },
    { rebound: 0, unbound: 0 },
  ])
})

test('a column that cannot be read, and a person without a key, are counted and tried again', async () => {
  const [spoiled, gone] = [await newOldPerson(), await newOldPerson()]
  await change("UPDATE user_profiles SET bio_enc = 'v1.AAAA.AAAA' WHERE user_id = ?", spoiled.id)
  await (await jobContext()).vault.destroy([gone.id as UserId])
  await runWhole()
  await runWhole()
  expect(await countsOfRuns()).toEqual([
    { rebound: 6, unbound: 8 },
    { rebound: 0, unbound: 8 },
  ])
})

describe('a page', () => {
  test('takes a bounded number of people, and the next one continues after them (K37)', async () => {
    const people = [await newOldPerson(), await newOldPerson(), await newOldPerson()]
    const ctx = await jobContext()
    const ids = people.map(({ id }) => id).sort()
    const first = await rebindCiphertexts(ctx, undefined, { limit: 2, forAll: together })
    expect(first).toEqual({ next: ids[1], counts: { rebound: 14, unbound: 0 } })
    const second = await rebindCiphertexts(ctx, first.next, { limit: 2, forAll: together })
    expect(second).toEqual({ next: 'done', counts: { rebound: 7, unbound: 0 } })
  })

  test('searches an index of each table', async () => {
    const { env, plans } = recordQueries()
    await rebindCiphertexts(await jobContext(Date.now(), env), undefined, { limit: 2, forAll: together })
    expect((await plans()).filter((line) => /^SCAN (?!\(subquery|change|json_each)\w+/.test(line))).toEqual([])
  })

  test.each(SIZES)(
    'a profile that changes meanwhile keeps its new contents, with %i runs at once (K37)',
    async (size) => {
      const person = await newOldPerson()
      const key = await keyOf(person)
      const place = { table: 'user_profiles', column: 'bio_enc', owner: person.id }
      const newBio = await encryptUnbound(key, place, 'Writes programs.')
      // The first batch reads the page, the second writes it.
      const changing = beforeBatch(size + 1, () =>
        change('UPDATE user_profiles SET bio_enc = ? WHERE user_id = ?', newBio, person.id),
      )
      const ctx = await jobContext(Date.now(), changing)
      await Promise.all(
        Array.from({ length: size }, () => rebindCiphertexts(ctx, undefined, { limit: 10, forAll: together })),
      )
      const me = await get('/users/me', person.accessToken)
      expect(me.body.profile).toMatchObject({ ...PROFILE, bio: 'Writes programs.' })
    },
  )

  test('that is killed at any call can be repeated (K37)', async () => {
    const person = await newOldPerson()
    const { env } = await import('cloudflare:workers')
    let wasKilled = true
    for (let at = 0; wasKilled; at++) {
      const faulty = faultyEnv({ ...env }, killedAt(at, 'lose-reply'))
      await rebindCiphertexts(await jobContext(Date.now(), faulty.env), undefined, {
        limit: 10,
        forAll: together,
      }).catch(() => undefined)
      wasKilled = faulty.calls.length > at
    }
    expect(await countOld()).toBe(0)
    expect((await get('/users/me', person.accessToken)).body.profile).toMatchObject(PROFILE)
  })
})
