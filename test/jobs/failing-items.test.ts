import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { GENESIS } from '../../src/compliance/archive/format/chain-head.ts'
import { oldSegmentPath } from '../../src/compliance/archive/format/segment-number.ts'
import { beginSigning } from '../../src/compliance/erasure/sign-markers.ts'
import { openRun } from '../../src/compliance/job-runs.ts'
import type { UserId } from '../../src/core/ids.ts'
import type { JobName } from '../../src/core/job-name.ts'
import { holdText, openErasureSeals } from '../../src/crypto/erasure-seal.ts'
import { dailyJobs } from '../../src/jobs/daily-jobs.ts'
import { requestedKeyJobs } from '../../src/jobs/key-jobs.ts'
import { requestedJobs } from '../../src/jobs/requested-jobs.ts'
import { runJob } from '../../src/jobs/run-job.ts'
import { indexIdentity, sealSubject } from '../../src/storage/database/social-logins.ts'
import { newPerson, type Person } from '../support/api.ts'
import { listenToConsole } from '../support/console.ts'
import { markErased, noticeOrphan, requestErasure } from '../support/erasures.ts'
import { mirroredEnv } from '../support/intercept-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { formatOldSegment } from '../support/old-archive.ts'
import { giveOldEvents } from '../support/old-events.ts'
import { plainApp as app } from '../support/passwords.ts'
import { envWithKeys } from '../support/root-keys.ts'
import { runCron } from '../support/service.ts'
import { change, row, rows } from '../support/stores.ts'
import { encryptUnbound } from '../support/unbound.ts'

const MINUTE_MS = 60_000
const HOUSEKEEPING = '*/5 * * * *'

beforeEach(() => {
  listenToConsole()
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** The item that always fails comes first wherever items have an order. */
interface Pair {
  readonly bad: string
  readonly good: string
}

interface Case {
  /** Creates an item that always fails, and one that does not. */
  readonly seed: () => Promise<Pair>
  /** The environment in which the first item fails. By default, a trigger of the database makes it fail. */
  readonly env?: (pair: Pair) => Env
  /** Table, kind of statement and condition for which the database fails. */
  readonly refuse?: (pair: Pair) => readonly [string, string, string]
  /** Where the run begins. By default at its beginning. */
  readonly cursor?: (pair: Pair, itemsLeft: number) => string
  /** Whether the job has processed an item. */
  readonly isDone: (item: string) => Promise<boolean>
}

const people = async (): Promise<Pair & { readonly both: readonly Person[] }> => {
  const both = [await newPerson({}, { app }), await newPerson({}, { app })]
  const [bad = '', good = ''] = both.map(({ id }) => id)
  return { bad, good, both }
}

/** Makes every call of one method of a bucket fail for this path. */
const spoil = (path: string, bucket: 'VAULT' | 'VAULT_MIRROR', method: string, inner: Env): Env => {
  const real = Reflect.get(inner, bucket) as R2Bucket
  const spoiled = new Proxy(real, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) =>
        name === method && [args[0]].flat().includes(path)
          ? Promise.reject(new Error('put: We encountered an internal error. Please try again. (10001)'))
          : Reflect.apply(member, target, args)
    },
  })
  return { ...inner, [bucket]: spoiled }
}

const isGone = (bucket: R2Bucket, prefix: string) => async (item: string) => (await bucket.head(prefix + item)) === null
const isPresent = (bucket: R2Bucket, prefix: string) => async (item: string) =>
  (await bucket.head(prefix + item)) !== null
const none = (query: string) => async (item: string) => (await rows(query, item)).length === 0
const some = (query: string) => async (item: string) => (await rows(query, item)).length > 0
const mirror = () => mirroredEnv().VAULT_MIRROR

async function linkIdentities(): Promise<Pair> {
  const { bad, good, both } = await people()
  const { ring, vault } = await jobContext()
  for (const { id } of both) {
    const lookup = await vault.find(id as never)
    if (lookup.kind !== 'found') throw new Error('the person has no key')
    const { indexes } = await indexIdentity(ring, 'acme', id)
    const sealed = await sealSubject(lookup.key, { table: 'social_logins', id, userId: id as UserId }, id)
    await change("INSERT INTO social_logins VALUES (?1, ?1, 'acme', ?2, ?3, 1)", id, indexes[0] ?? '', sealed)
  }
  return { bad, good }
}

const ORPHANS = { bad: '00000000-0000-4000-8000-000000000001', good: '00000000-0000-4000-8000-000000000002' }
const OLD_EVENT = {
  occurred_at: 1,
  action: 'user.signed_in',
  outcome: 'success',
  actor_type: 'system',
  actor_id: null,
  request_id: 'r',
  detail: null,
  pii_enc: null,
} as const
const isUnderNewest = "SELECT 1 FROM users WHERE id = ? AND email_index LIKE '2.%'"

const cases: Readonly<Record<JobName, Case>> = {
  'delete-client-details': {
    seed: async () => {
      for (const id of [ORPHANS.bad, ORPHANS.good])
        await change(
          `INSERT INTO audit_events (id, occurred_at, action, outcome, actor_type, request_id, pii_enc)
           VALUES (?, 1, 'user.signed_in', 'success', 'anonymous', 'request', 'v2.x')`,
          id,
        )
      return ORPHANS
    },
    refuse: ({ bad }) => ['audit_events', 'UPDATE', `OLD.id = '${bad}'`],
    isDone: some('SELECT 1 FROM audit_events WHERE id = ? AND pii_enc IS NULL'),
  },
  'rebind-ciphertexts': {
    seed: async () => {
      const { bad, good } = await people()
      const { vault } = await jobContext()
      for (const id of [bad, good]) {
        const lookup = await vault.find(id as UserId)
        if (lookup.kind !== 'found') throw new Error('the person has no key')
        const place = { table: 'users', column: 'email_enc', owner: id }
        await change(
          'UPDATE users SET email_enc = ? WHERE id = ?',
          await encryptUnbound(lookup.key, place, 'a@b.example'),
          id,
        )
      }
      return { bad, good }
    },
    refuse: ({ bad }) => ['users', 'UPDATE OF email_enc', `OLD.id = '${bad}'`],
    isDone: some("SELECT 1 FROM users WHERE id = ? AND email_enc LIKE 'v2.%'"),
  },
  purge: {
    seed: async () => {
      const { bad, good } = await people()
      for (const id of [bad, good]) await requestErasure(id)
      return { bad, good }
    },
    refuse: ({ bad }) => ['user_profiles', 'DELETE', `OLD.user_id = '${bad}'`],
    isDone: some('SELECT 1 FROM erasures WHERE user_id = ? AND completed_at IS NOT NULL'),
  },
  'reopen-restored': {
    seed: async () => {
      const { bad, good } = await people()
      for (const id of [bad, good]) await markErased(id)
      return { bad, good }
    },
    refuse: ({ bad }) => ['erasures', 'INSERT', `NEW.user_id = '${bad}'`],
    isDone: some('SELECT 1 FROM erasures WHERE user_id = ?'),
  },
  'check-seals': {
    seed: async () => {
      const { bad, good } = await people()
      const seals = await openErasureSeals((await jobContext()).ring)
      for (const id of [bad, good]) {
        const seal = seals.seal(holdText({ user_id: id as UserId, reason: 'case', placed_at: 1 }))
        await change("INSERT INTO legal_holds (user_id, reason, placed_at, seal) VALUES (?, 'case', 1, ?)", id, seal)
      }
      return { bad, good }
    },
    env: () => envWithKeys([2, 1]),
    refuse: ({ bad }) => ['legal_holds', 'UPDATE', `OLD.user_id = '${bad}'`],
    isDone: some("SELECT 1 FROM legal_holds WHERE user_id = ? AND seal LIKE '2.%'"),
  },
  'follow-two-step-policy': {
    seed: people,
    env: () => ({ ...env, TWO_STEP_REQUIRED: 'everyone' }) as Env,
    refuse: ({ bad }) => ['users', 'UPDATE OF two_step_due_at', `OLD.id = '${bad}'`],
    isDone: some('SELECT 1 FROM users WHERE id = ? AND two_step_due_at IS NOT NULL'),
  },
  'sign-markers': {
    seed: async () => {
      const { bad, good } = await people()
      for (const id of [bad, good]) await env.VAULT.put(`erased/${id}`, '')
      return { bad, good }
    },
    cursor: ({ bad, good }, left) => beginSigning(left, [bad, good]),
    env: ({ bad }) => spoil(`erased/${bad}`, 'VAULT', 'put', env),
    isDone: async (id) => ((await env.VAULT.head(`erased/${id}`))?.size ?? 0) > 0,
  },
  'delete-expired-exports': {
    seed: async () => {
      const { bad, good } = await people()
      for (const [at, id] of [bad, good].entries())
        await change(
          'INSERT INTO exports (id, user_id, status, created_at, expires_at) VALUES (?1, ?1, ?2, 1, ?3)',
          id,
          'ready',
          at,
        )
      return { bad, good }
    },
    refuse: ({ bad }) => ['exports', 'DELETE', `OLD.id = '${bad}'`],
    isDone: none('SELECT 1 FROM exports WHERE id = ?'),
  },
  'bundle-activity': {
    seed: async () => {
      const pair = await people()
      await change(
        "UPDATE audit_events SET archived_at = 1, occurred_at = 1, seal = NULL, id = '00000000-0001-' || substr(id, 15)",
      )
      await env.KEY_CACHE.delete(`dek:${pair.bad}`)
      return pair
    },
    env: ({ bad }) => spoil(`keys/${bad}`, 'VAULT', 'get', env),
    isDone: some('SELECT 1 FROM activity_bundles WHERE user_id = ?'),
  },
  'bundle-places': {
    seed: async () => {
      const pair = await people()
      for (const id of [pair.bad, pair.good])
        await change('INSERT INTO archive_places (user_id, sequence, archived_at) VALUES (?, 1, 1)', id)
      const events = [pair.bad, pair.good].map((id) => ({ ...OLD_EVENT, id: crypto.randomUUID(), subject_id: id }))
      await env.ARCHIVE.put(oldSegmentPath(1), formatOldSegment(GENESIS, events, 1))
      await env.KEY_CACHE.delete(`dek:${pair.bad}`)
      return pair
    },
    env: ({ bad }) => spoil(`keys/${bad}`, 'VAULT', 'get', env),
    isDone: none('SELECT 1 FROM archive_places WHERE user_id = ?'),
  },
  'delete-orphan-activity': {
    seed: async () => {
      for (const id of Object.values(ORPHANS)) await env.VAULT.put(`activity/${id}/2026-07-06+28`, 'sealed')
      return ORPHANS
    },
    env: ({ bad }) => spoil(`activity/${bad}/2026-07-06+28`, 'VAULT', 'delete', env),
    isDone: async (id) => (await env.VAULT.head(`activity/${id}/2026-07-06+28`)) === null,
  },
  'delete-expired-rows': {
    seed: async () => {
      for (const key of ['first', 'second'])
        await change('INSERT INTO attempts (key, window_start, ends_at, count) VALUES (?, 1, 2, 1)', key)
      await change(
        "INSERT INTO dead_letters (id, queue, body, received_at, replayed_at) VALUES ('letter', 'q', '{}', 1, 2)",
      )
      return { bad: 'attempts', good: 'dead_letters' }
    },
    refuse: () => ['attempts', 'DELETE', "OLD.key = 'first'"],
    isDone: async (table) => (await rows(`SELECT 1 FROM ${table}`)).length === 0,
  },
  'delete-orphan-keys': {
    seed: async () => {
      for (const id of Object.values(ORPHANS)) {
        await env.VAULT.put(`keys/${id}`, 'wrapped')
        await noticeOrphan(id)
      }
      vi.setSystemTime(Date.now() + 2 * 60 * MINUTE_MS)
      return ORPHANS
    },
    env: ({ bad }) => spoil(`keys/${bad}`, 'VAULT', 'delete', env),
    isDone: isGone(env.VAULT, 'keys/'),
  },
  'destroy-system-keys': {
    seed: async () => {
      const months = { bad: 'system/2020-01', good: 'system/2020-02' }
      for (const owner of Object.values(months)) await env.VAULT.put(`keys/${owner}`, 'wrapped')
      vi.setSystemTime(Date.now() + MINUTE_MS)
      return months
    },
    env: ({ bad }) => spoil(`keys/${bad}`, 'VAULT', 'delete', env),
    isDone: isGone(env.VAULT, 'keys/'),
  },
  'replay-dead-letters': {
    seed: async () => {
      for (const id of Object.values(ORPHANS))
        await change(
          "INSERT INTO dead_letters (id, queue, body, received_at) VALUES (?1, 'q', json_object('id', ?1), 1)",
          id,
        )
      return ORPHANS
    },
    refuse: ({ bad }) => ['dead_letters', 'UPDATE', `OLD.id = '${bad}'`],
    isDone: some('SELECT 1 FROM dead_letters WHERE id = ? AND replayed_at IS NOT NULL'),
  },
  'rewrap-keys': {
    seed: people,
    env: ({ bad }) => spoil(`keys/${bad}`, 'VAULT', 'get', envWithKeys([2, 1])),
    isDone: async (id) => (await (await env.VAULT.get(`keys/${id}`))?.text())?.startsWith('2.') === true,
  },
  'reindex-users': {
    seed: people,
    env: () => envWithKeys([2, 1]),
    refuse: ({ bad }) => ['users', 'UPDATE OF email_index', `OLD.id = '${bad}'`],
    isDone: some(isUnderNewest),
  },
  'reindex-identities': {
    seed: linkIdentities,
    env: () => envWithKeys([2, 1]),
    refuse: ({ bad }) => ['social_logins', 'UPDATE', `OLD.id = '${bad}'`],
    isDone: some("SELECT 1 FROM social_logins WHERE id = ? AND provider_id_index LIKE '2.%'"),
  },
  'reseal-events': {
    seed: async () => {
      const { bad: one, good: other, both } = await people()
      const ids = await Promise.all(both.map((person) => giveOldEvents(person, { count: 1, fromMs: 1 })))
      return { bad: ids[0]?.[0] ?? one, good: ids[1]?.[0] ?? other }
    },
    env: () => envWithKeys([2, 1]),
    refuse: ({ bad }) => ['audit_events', 'UPDATE', `OLD.id = '${bad}'`],
    isDone: some("SELECT 1 FROM audit_events WHERE id = ? AND seal LIKE '2.%'"),
  },
  'compare-mirror': {
    seed: people,
    env: ({ bad }) => spoil(`keys/${bad}`, 'VAULT_MIRROR', 'put', mirroredEnv()),
    isDone: (id) => isPresent(mirror(), 'keys/')(id),
  },
  'restore-vault': {
    seed: async () => {
      const { bad, good } = await people()
      for (const id of [bad, good]) {
        await mirror().put(`keys/${id}`, 'wrapped')
        await env.VAULT.delete(`keys/${id}`)
      }
      return { bad, good }
    },
    env: ({ bad }) => spoil(`keys/${bad}`, 'VAULT', 'put', mirroredEnv()),
    isDone: isPresent(env.VAULT, 'keys/'),
  },
  'retire-passwords': {
    seed: async () => {
      const { bad, good } = await people()
      await change("UPDATE credentials SET password_hash = '$argon2id$v=19$m=19456,t=2,p=1,keyid=1$x$y'")
      return { bad, good }
    },
    env: () => envWithKeys([2, 1]),
    refuse: ({ bad }) => ['credentials', 'UPDATE', `OLD.user_id = '${bad}'`],
    isDone: some('SELECT 1 FROM credentials WHERE user_id = ? AND password_hash IS NULL'),
  },
}

const jobs = [...dailyJobs, ...requestedJobs, ...requestedKeyJobs]

const refuse = async ([table, kind, condition]: readonly [string, string, string]) =>
  change(
    `CREATE TRIGGER refusing BEFORE ${kind} ON ${table} WHEN ${condition} BEGIN SELECT RAISE(ABORT, 'refused'); END`,
  )

async function openOne(job: JobName, cursor: string | undefined): Promise<void> {
  const { db, now } = await jobContext()
  await db.batch({ opened: openRun({ now }, job, cursor ?? null) })
}

describe('an item that always fails', () => {
  test.each(jobs)('does not stop $name for other items, and is tried again by the next run', async (job) => {
    const { seed, env: environment, refuse: refusal, cursor, isDone } = cases[job.name]
    const pair = await seed()
    if (refusal !== undefined) await refuse(refusal(pair))
    const [spoiled, whole] = [environment?.(pair) ?? env, environment?.({ bad: 'nobody', good: '' }) ?? env]
    await openOne(job.name, cursor?.(pair, 2))
    for (let turn = 0; turn < 6; turn++) {
      await runJob(await jobContext(Date.now(), spoiled), job).catch(() => undefined)
      vi.setSystemTime(Date.now() + 5 * MINUTE_MS)
    }
    expect([await isDone(pair.bad), await isDone(pair.good)]).toEqual([false, true])

    if (refusal !== undefined) await change('DROP TRIGGER refusing')
    vi.setSystemTime(Date.now() + 24 * 60 * MINUTE_MS)
    await openOne(job.name, cursor?.(pair, 1))
    for (let turn = 0; turn < 2; turn++) await runJob(await jobContext(Date.now(), whole), job)
    expect(await isDone(pair.bad)).toBe(true)
    expect(await rows('SELECT 1 FROM job_runs WHERE finished_at IS NULL AND job = ?', job.name)).toEqual([])
  })

  test('does not stop other suspensions from ending', async () => {
    const { bad, good } = await people()
    await change("UPDATE users SET status = 'suspended', suspended_at = 1, suspended_until = iif(id = ?, 2, 3)", bad)
    await refuse(['users', 'UPDATE OF status', `OLD.id = '${bad}'`])
    await runCron(env, HOUSEKEEPING)
    expect((await row('SELECT status FROM users WHERE id = ?', good)).status).toBe('active')
  })

  test('does not stop other exports from being built, however many items fail', async () => {
    const { bad, good } = await people()
    const order = (id: string, userId: string, at: number) =>
      change(
        'INSERT INTO exports (id, user_id, status, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)',
        id,
        userId,
        'pending',
        at,
        Date.now() + 24 * 60 * MINUTE_MS,
      )
    const begun = Date.now() - 10 * MINUTE_MS
    for (let n = 0; n < 12; n++) await order(`bad-${n}`, bad, begun + n)
    await order('good', good, begun + 100)
    const spoiled = spoil(`keys/${bad}`, 'VAULT', 'get', env)
    await env.KEY_CACHE.delete(`dek:${bad}`)
    for (let turn = 0; turn < 2; turn++) {
      await runCron(spoiled, HOUSEKEEPING)
      vi.setSystemTime(Date.now() + 5 * MINUTE_MS)
    }
    expect((await row("SELECT status FROM exports WHERE id = 'good'")).status).toBe('ready')
  })
})
