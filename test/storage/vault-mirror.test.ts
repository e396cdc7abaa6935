import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest'
import { believeMarkers, signMarker } from '../../src/compliance/erasure/markers.ts'
import { openRuns } from '../../src/compliance/job-runs.ts'
import { together } from '../../src/core/for-all.ts'
import type { JobName } from '../../src/core/job-name.ts'
import { newDataKey, wrapDataKey } from '../../src/crypto/data-key.ts'
import { dailyKeyJobs, requestedKeyJobs } from '../../src/jobs/key-jobs.ts'
import { runJob } from '../../src/jobs/run-job.ts'
import { compareMirror } from '../../src/keys/compare-mirror.ts'
import { call, get, newPerson, PASSWORD, post } from '../support/api.ts'
import { readLog } from '../support/archive.ts'
import { event, record } from '../support/audit-events.ts'
import { listenToConsole } from '../support/console.ts'
import { faultyEnv, killedAt } from '../support/faulty-env.ts'
import { type Around, interceptStores, type MirroredEnv, mirroredEnv } from '../support/intercept-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { plainApp as app } from '../support/passwords.ts'
import { rootKeys } from '../support/root-keys.ts'
import { deliver, keysIn, rows, runCron } from '../support/service.ts'
import { SIZES } from '../support/sizes.ts'

let mirrored: MirroredEnv
let mirror: R2Bucket

beforeEach(() => {
  mirrored = mirroredEnv()
  mirror = mirrored.VAULT_MIRROR
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const newMirroredPerson = () => newPerson({ full_name: 'Ada' }, { app, env: mirrored })
/** Keys and markers. Statements of the service itself are only in the vault. */
const textsIn = async (bucket: R2Bucket) =>
  Object.fromEntries(
    await Promise.all(
      (await keysIn(bucket, ''))
        .filter((path) => !path.startsWith('log/'))
        .map(async (path) => [path, await (await bucket.get(path))?.text()] as const),
    ),
  )
const around = (run: Around) => interceptStores(run, {}, mirrored)

const keysAndMarkers = async (bucket: R2Bucket) => Object.keys(await textsIn(bucket)).sort()

/** Starts one job and runs it to its end. @returns its counts */
async function runNamed(name: JobName, using: Env = mirrored) {
  const job = [...dailyKeyJobs, ...requestedKeyJobs].find((candidate) => candidate.name === name)
  if (job === undefined) throw new Error('no such job')
  await openRuns(await jobContext(), [name])
  await runJob(await jobContext(Date.now(), using), job)
  const [run] = await rows<{ counts: string }>('SELECT counts FROM job_runs WHERE job = ? ORDER BY rowid DESC', name)
  return JSON.parse(run?.counts ?? '{}')
}

const NOTHING = { same: 0, copied: 0, conflicting: 0, missing: 0, removed: 0, markers_copied: 0, markers_restored: 0 }

describe('the mirror', () => {
  it('receives every new key after the answer, including system keys', async () => {
    const { id } = await newMirroredPerson()
    await post('/auth/login', { email: 'nobody@example.com', password: PASSWORD }, { app, env: mirrored })
    const texts = await textsIn(mirror)
    expect(texts).toEqual(await textsIn(env.VAULT))
    expect(Object.keys(texts)).toContain(`keys/${id}`)
    expect(Object.keys(texts).filter((path) => path.startsWith('keys/system/'))).toHaveLength(1)
  })

  it('contains no readable personal data (D1)', async () => {
    const { email } = await newMirroredPerson()
    expect(JSON.stringify(await textsIn(mirror))).not.toMatch(new RegExp(`${email}|Ada`))
  })

  it('is not needed to register or to sign in (H6)', async () => {
    const faulty = faultyEnv(mirrored, (name) => (name.startsWith('VAULT_MIRROR') ? 'fail' : 'none'))
    const person = await newPerson({}, { app, env: faulty.env })
    expect(faulty.calls).toContain('VAULT_MIRROR.put')
    expect(await keysIn(mirror, '')).toEqual([])
    expect(await runNamed('compare-mirror')).toEqual({ ...NOTHING, copied: 1 })
    expect(await keysIn(mirror, '')).toEqual([`keys/${person.id}`])
  })

  it('is optional: without the binding nothing is compared', async () => {
    await newPerson({}, { app })
    expect(await runNamed('compare-mirror', env)).toEqual({})
  })

  it('follows a rotation (D4)', async () => {
    const { id } = await newMirroredPerson()
    await runNamed('rewrap-keys', { ...mirrored, ROOT_KEYS: rootKeys(2, 1) } as Env)
    const texts = await textsIn(mirror)
    expect(texts[`keys/${id}`]).toMatch(/^2\./)
    expect(texts).toEqual(await textsIn(env.VAULT))
  })
})

describe('an erasure', () => {
  const owner = async () => (await newMirroredPerson()).id as never

  it('destroys the key and writes the marker in both buckets (D6)', async () => {
    const person = await newMirroredPerson()
    await call('/api/v1/users/me', { method: 'DELETE', token: person.accessToken, env: mirrored })
    vi.setSystemTime(Date.now() + 31 * 86_400_000)
    await runCron(mirrored)
    for (const bucket of [env.VAULT, mirror]) expect(await keysAndMarkers(bucket)).toEqual([`erased/${person.id}`])
  })

  it('is not complete until the key is deleted from the mirror, and is repeated (D6)', async () => {
    const person = await newMirroredPerson()
    await call('/api/v1/users/me', { method: 'DELETE', token: person.accessToken, env: mirrored })
    vi.setSystemTime(Date.now() + 31 * 86_400_000)
    await runCron(faultyEnv(mirrored, (name) => (name === 'VAULT_MIRROR.delete' ? 'fail' : 'none')).env)
    expect(await rows('SELECT completed_at FROM erasures')).toEqual([{ completed_at: null }])
    vi.setSystemTime(Date.now() + 5 * 60_000)
    await runCron(mirrored, '*/5 * * * *')
    expect(await rows('SELECT user_id FROM erasures WHERE completed_at IS NOT NULL')).toEqual([{ user_id: person.id }])
    expect(await keysIn(mirror, 'keys/')).toEqual([])
  })

  it.each(['VAULT_MIRROR.put', 'VAULT.head'])(
    'prevails over a running copy to the mirror if it runs just before %s (D6)',
    async (moment) => {
      const id = await owner()
      await mirror.delete(`keys/${id}`)
      let seen = 0
      const racing = around(async (name, run) => {
        if (name === moment && ++seen === 1) await (await jobContext(Date.now(), mirrored)).vault.destroy([id])
        return run()
      })
      await runNamed('compare-mirror', racing)
      expect(seen).toBeGreaterThan(0)
      expect(await keysIn(mirror, 'keys/')).toEqual([])
    },
  )

  it('prevails over a restore from the mirror (D6)', async () => {
    const id = await owner()
    await env.VAULT.delete(`keys/${id}`)
    let seen = 0
    const racing = around(async (name, run) => {
      if (name === 'VAULT.put' && ++seen === 1) {
        const ctx = await jobContext(Date.now(), mirrored)
        await ctx.erasureMarkers.mark(id, await signMarker(ctx, id))
        await ctx.vault.destroy([id])
      }
      return run()
    })
    await runNamed('restore-vault', racing)
    expect(seen).toBe(1)
    for (const bucket of [env.VAULT, mirror]) expect(await keysIn(bucket, 'keys/')).toEqual([])
  })

  it.each(SIZES)('of half of %i people during a copy of all: the mirror keeps the other half (D6)', async (count) => {
    const { vault } = await jobContext()
    const owners = Array.from({ length: count }, () => crypto.randomUUID() as never)
    await Promise.all(owners.map((id) => vault.create(id)))
    const leaving = owners.slice(0, count / 2)
    const { vault: both } = await jobContext(Date.now(), mirrored)
    await Promise.all([runNamed('compare-mirror'), ...leaving.map((id) => both.destroy([id]))])
    await runNamed('compare-mirror')
    expect(await keysIn(mirror, 'keys/')).toEqual(await keysIn(env.VAULT, 'keys/'))
    expect(await keysIn(mirror, 'keys/')).toHaveLength(count / 2)
  })
})

describe('the comparison', () => {
  it('finds no difference if both buckets are equal, and reads no object', async () => {
    await newMirroredPerson()
    const calls: string[] = []
    await runNamed(
      'compare-mirror',
      around((name, run) => {
        calls.push(name)
        return run()
      }),
    )
    const bucketCalls = calls.filter((name) => name.startsWith('VAULT'))
    expect(new Set(bucketCalls)).toEqual(new Set(['VAULT.list', 'VAULT_MIRROR.list']))
  })

  it('replaces an old wrap of the same key, even if its root key is no longer configured (D4)', async () => {
    const { id } = await newMirroredPerson()
    await runNamed('rewrap-keys', { ...env, ROOT_KEYS: rootKeys(2, 1) } as Env)
    for (const keys of [rootKeys(2, 1), rootKeys(2)]) {
      await mirror.put(`keys/${id}`, (await textsIn(mirror))[`keys/${id}`]?.replace(/^2/, '1') ?? '')
      expect(await runNamed('compare-mirror', { ...mirrored, ROOT_KEYS: keys } as Env)).toMatchObject({ copied: 1 })
      expect(await textsIn(mirror)).toEqual(await textsIn(env.VAULT))
    }
  })

  it('leaves two different keys of one person as they are, and logs an error', async () => {
    const logged = listenToConsole()
    const { id } = await newMirroredPerson()
    const { ring } = await jobContext()
    const other = await wrapDataKey(ring, id, newDataKey())
    await env.VAULT.put(`keys/${id}`, other)
    const before = await textsIn(mirror)
    expect(await runNamed('compare-mirror')).toEqual({ ...NOTHING, conflicting: 1 })
    expect(await textsIn(mirror)).toEqual(before)
    await env.VAULT.put(`keys/${id}`, 'garbage')
    expect(await runNamed('compare-mirror')).toMatchObject({ conflicting: 1 })
    expect(await textsIn(mirror)).toEqual(before)
    expect(logged.text()).toContain('{"level":"error","event":"vault_differs_from_mirror","missing":0,"conflicting":1}')
  })

  it('reports a key that the vault has lost, and restores nothing by itself', async () => {
    const logged = listenToConsole()
    const { id } = await newMirroredPerson()
    await env.VAULT.delete(`keys/${id}`)
    expect(await runNamed('compare-mirror')).toEqual({ ...NOTHING, missing: 1 })
    expect(await keysIn(env.VAULT, 'keys/')).toEqual([])
    expect(await keysIn(mirror, 'keys/')).toEqual([`keys/${id}`])
    expect(logged.text()).toContain('vault_differs_from_mirror')
  })

  it('removes the key of a person who was erased without the mirror, and copies the marker (D6)', async () => {
    const person = await newMirroredPerson()
    await call('/api/v1/users/me', { method: 'DELETE', token: person.accessToken })
    vi.setSystemTime(Date.now() + 31 * 86_400_000)
    await runCron(env)
    expect(await keysIn(mirror, '')).toEqual([`keys/${person.id}`])
    expect(await runNamed('compare-mirror')).toEqual({ ...NOTHING, removed: 1, markers_copied: 1 })
    expect(await keysIn(mirror, '')).toEqual([`erased/${person.id}`])
    await env.VAULT.delete(`erased/${person.id}`)
    expect(await runNamed('compare-mirror')).toEqual({ ...NOTHING, markers_restored: 1 })
    expect(await keysAndMarkers(env.VAULT)).toEqual([`erased/${person.id}`])
  })

  it('removes a key without a user only after no restore can bring the user back', async () => {
    await mirror.put(`keys/${crypto.randomUUID()}`, 'litter')
    expect(await runNamed('compare-mirror')).toEqual(NOTHING)
    vi.setSystemTime(Date.now() + 36 * 86_400_000)
    expect(await runNamed('compare-mirror')).toEqual({ ...NOTHING, removed: 1 })
    expect(await keysIn(mirror, '')).toEqual([])
    expect(await rows('SELECT owner FROM orphan_keys')).toEqual([])
  })

  it('compares page by page, with either bucket ahead, and ends a page at its limit of differences', async () => {
    const ids = Array.from({ length: 120 }, (_, i) => `${i.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`)
    const put = (bucket: R2Bucket, some: readonly string[]) =>
      Promise.all(some.map((id) => bucket.put(`keys/${id}`, id)))
    await put(env.VAULT, ids.slice(0, 70))
    await put(mirror, [...ids.slice(0, 5), ...ids.slice(60)])
    let cursor: string | undefined
    let counts: Record<string, number> = {}
    const ctx = await jobContext(Date.now(), { ...mirrored, KEYS_PER_RUN: '20' } as unknown as Env)
    let pages = 0
    do {
      pages += 1
      const page = await compareMirror(ctx, cursor, { forAll: together, believe: believeMarkers(ctx) })
      for (const [name, count] of Object.entries(page.counts))
        counts = { ...counts, [name]: (counts[name] ?? 0) + count }
      cursor = page.cursor
    } while (cursor !== undefined)
    expect(counts).toEqual({ ...NOTHING, same: 15, copied: 55 })
    // One page of markers, and six of keys: 105 differ.
    expect(pages).toBe(7)
    expect(await keysInAll(mirror)).toHaveLength(120)
  })
})

async function keysInAll(bucket: R2Bucket): Promise<string[]> {
  const { objects } = await bucket.list({ limit: 1000 })
  return objects.map(({ key }) => key)
}

describe('the restore drill', () => {
  it('restores lost keys, no key of an erased person, and changes no existing key', async () => {
    const [person, erased, sound] = [await newMirroredPerson(), await newMirroredPerson(), await newMirroredPerson()]
    await call('/api/v1/users/me', { method: 'DELETE', token: erased.accessToken, env: mirrored })
    vi.setSystemTime(Date.now() + 31 * 86_400_000)
    const keptByMistake = (await textsIn(mirror))[`keys/${erased.id}`]
    await runCron(mirrored)
    vi.useRealTimers()
    await mirror.put(`keys/${erased.id}`, keptByMistake ?? '')
    await env.VAULT.delete([`keys/${person.id}`, `erased/${erased.id}`])
    const before = await textsIn(env.VAULT)
    expect(before[`keys/${sound.id}`]).toBeDefined()

    expect(await runNamed('restore-vault')).toEqual({ markers: 1, keys: 1 })
    expect(await keysAndMarkers(env.VAULT)).toEqual(
      [`erased/${erased.id}`, `keys/${person.id}`, `keys/${sound.id}`].sort(),
    )
    const { body } = await post('/auth/login', { email: person.email, password: PASSWORD }, { app, env: mirroredEnv() })
    expect((await get('/users/me', body.access_token, { env: mirroredEnv() })).body.profile.full_name).toBe('Ada')
    expect(await runNamed('restore-vault')).toEqual({ markers: 0, keys: 0 })
  })

  test('restores the whole vault after it was killed at any call and resumed', async () => {
    const people = [await newMirroredPerson(), await newMirroredPerson(), await newMirroredPerson()]
    for (let at = 0, wasKilled = true; wasKilled; at++) {
      await env.VAULT.delete(await keysIn(env.VAULT, 'keys/'))
      const faulty = faultyEnv(mirrored, killedAt(at, at % 2 === 0 ? 'fail' : 'lose-reply'))
      await runNamed('restore-vault', faulty.env).catch(() => undefined)
      wasKilled = faulty.calls.length > at
      await runNamed('restore-vault')
      expect(await keysIn(env.VAULT, 'keys/')).toEqual(people.map(({ id }) => `keys/${id}`).sort())
    }
  })
})

test('K23 the key of the archive’s names is mirrored, reported when the vault has lost it, and restored', async () => {
  await record([event(1)])
  expect(await deliver([event(1)], mirrored)).toBe(true)
  expect(await keysIn(mirror, 'keys/log')).toEqual(['keys/log'])
  await env.VAULT.delete('keys/log')
  expect(await runNamed('compare-mirror')).toMatchObject({ missing: 1, removed: 0 })
  await runNamed('restore-vault')
  await record([event(2)])
  expect(await deliver([event(2)], mirrored)).toBe(true)
  expect((await readLog()).map(({ id }) => id)).toEqual([event(1).id, event(2).id])
})
