import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { GENESIS } from '../../src/compliance/archive/format/chain-head.ts'
import type { ArchivedEvent } from '../../src/compliance/archive/format/old-segment.ts'
import { oldSegmentPath } from '../../src/compliance/archive/format/segment-number.ts'
import { buildPendingExports } from '../../src/compliance/export/build-pending-exports.ts'
import { deleteExpiredExports } from '../../src/compliance/export/delete-expired-exports.ts'
import type { Context } from '../../src/context.ts'
import { together } from '../../src/core/for-all.ts'
import type { UserId } from '../../src/core/ids.ts'
import { type Answer, call, get, newPerson, type Person, post } from '../support/api.ts'
import { jobContext } from '../support/job-context.ts'
import { formatOldSegment } from '../support/old-archive.ts'
import { giveCode, giveIdentity } from '../support/requests.ts'
import { SIZES } from '../support/sizes.ts'
import { prove } from '../support/stores.ts'

const HOUR_MS = 3_600_000

const request = (person: Person, bindings?: Env): Promise<Answer> =>
  call('/api/v1/users/me/export', {
    method: 'POST',
    token: person.accessToken,
    ...(bindings !== undefined && { env: bindings }),
  })

const status = (person: Person, id: string) => get(`/users/me/export/${id}`, person.accessToken)
const download = (person: Person, id: string) => get(`/users/me/export/${id}/download`, person.accessToken)

async function exportOf(person: Person): Promise<Answer> {
  const { body } = await request(person)
  return download(person, body.id)
}

async function actions(): Promise<string[]> {
  const { results } = await env.DB.prepare(
    "SELECT action FROM audit_events WHERE action LIKE 'export.%' ORDER BY rowid",
  ).all<{ action: string }>()
  return results.map(({ action }) => action)
}

const countExports = () => env.DB.prepare('SELECT count(*) AS n FROM exports').first<number>('n')
const bundles = async () => (await env.VAULT.list({ prefix: 'exports/' })).objects.map(({ key }) => key)

/** A vault that stores and returns no bundles, while keys still work. */
const withoutBundles: Env = {
  ...env,
  VAULT: new Proxy(env.VAULT, {
    get(vault, name: keyof R2Bucket) {
      const method = vault[name] as (...args: unknown[]) => unknown
      return (key: unknown, ...rest: unknown[]) => {
        if (String(key).startsWith('exports/')) throw new Error('no bundles today (10001)')
        return method.call(vault, key, ...rest)
      }
    },
  }),
}

const canaries = (name: string) => ({
  full_name: `${name} Fullname`,
  phone_number: name === 'canary' ? '+4915100000001' : '+4915100000002',
  preferences: { motto: `${name}-preference` },
})

async function newCanary(name: string): Promise<Person> {
  const agent = { 'user-agent': `${name}-agent` }
  const person = await newPerson(canaries(name))
  await prove(person)
  await call('/api/v1/users/me', {
    method: 'PATCH',
    token: person.accessToken,
    headers: agent,
    body: { bio: `${name}-bio`, avatar_url: `https://img.example/${name}.png` },
  })
  await call(`/api/v1/users/me/consents/${name}-document`, {
    method: 'PUT',
    token: person.accessToken,
    body: { version: `${name}-version`, decision: 'granted' },
  })
  await post('/auth/login', { email: person.email, password: 'wrong' }, { headers: { 'user-agent': `${name}-failed` } })
  const { body } = await post(
    '/auth/login',
    { email: person.email, password: 'correct horse battery staple' },
    { headers: { ...agent, 'cf-connecting-ip': name === 'canary' ? '198.51.100.1' : '198.51.100.2' } },
  )
  await post('/users/me/email', { new_email: `${name}.moved@example.com` }, { token: body.access_token })
  await giveIdentity(person, { subject: `${name}-subject` })
  await giveCode(person, 'link', `${name}-held`)
  await env.DB.prepare('INSERT INTO user_roles (role, user_id) VALUES (?, ?)').bind(`${name}-role`, person.id).run()
  await env.DB.prepare(
    `INSERT INTO one_time_tokens (id, user_id, purpose, created_at, expires_at, nonce)
     VALUES (?, ?, ?, 1, 2, ?)`,
  )
    .bind(crypto.randomUUID(), person.id, `${name}-purpose`, `${name}-nonce`)
    .run()
  await env.DB.prepare(
    "INSERT INTO erasures (user_id, requested_at, due_at, completed_at, basis) VALUES (?, 1, 2, 3, 'user_request')",
  )
    .bind(person.id)
    .run()
  return { ...person, accessToken: body.access_token, refreshToken: body.refresh_token }
}

afterEach(() => vi.useRealTimers())

it('sends the event of its end too, which is recorded after the answer', async () => {
  const person = await newPerson()
  const sent: string[] = []
  const queue = {
    sendBatch: async (batch: Iterable<{ readonly body: { readonly action: string } }>) => {
      for (const { body } of batch) sent.push(body.action)
    },
  }
  await request(person, { ...env, AUDIT_QUEUE: queue as unknown as Env['AUDIT_QUEUE'] })
  await vi.waitFor(() => expect(sent.sort()).toEqual(['export.ready', 'export.requested']))
})

describe('an export', () => {
  it('is requested, built after the response, and downloaded', async () => {
    const person = await newPerson()
    const asked = await request(person)
    expect(asked).toMatchObject({ status: 202, body: { id: expect.any(String), status: 'pending' } })
    const { id } = asked.body
    const ready = await status(person, id)
    expect(ready).toMatchObject({
      status: 200,
      body: { id, status: 'ready', download: `/api/v1/users/me/export/${id}/download` },
    })
    const lifetime = Date.parse(ready.body.expires_at) - Date.parse(ready.body.created_at)
    expect(lifetime).toBeGreaterThanOrEqual(24 * HOUR_MS)
    expect(lifetime).toBeLessThan(24.1 * HOUR_MS)
    const file = await call(ready.body.download, { token: person.accessToken })
    expect(file.status).toBe(200)
    expect(file.headers.get('content-disposition')).toBe(`attachment; filename="latchkey-export-${id}.json"`)
    expect(file.headers.get('cache-control')).toBe('no-store')
    expect(file.body.manifest).toMatchObject({ format: 'latchkey-export/1', subject: person.id })
    expect(await actions()).toEqual(['export.requested', 'export.ready', 'export.downloaded'])
  })

  it('D5 contains everything about the person, nothing about other people, and no secret', async () => {
    const [person, other] = [await newCanary('canary'), await newCanary('stranger')]
    const { body } = await exportOf(person)
    const text = JSON.stringify(body)
    for (const canary of [
      person.id,
      person.email,
      'canary Fullname',
      '+4915100000001',
      'canary-preference',
      'canary-bio',
      'https://img.example/canary.png',
      'canary-agent',
      'canary-failed',
      '198.51.100.1',
      '203.0.113.7',
      'canary-document',
      'canary-version',
      'canary-subject',
      'canary-held',
      'canary-role',
      'canary-purpose',
      'canary.moved@example.com',
    ]) {
      expect(text).toContain(canary)
    }
    expect(body.data).toMatchObject({
      credential: { is_password_set: true, changed_at: expect.any(String) },
      erasures: [{ basis: 'user_request' }],
      exports: [{ status: 'pending' }],
      unreadable_archive_segments: [],
    })
    expect(body.data.sessions).toHaveLength(2)
    expect(body.data.one_time_tokens).toContainEqual(
      expect.objectContaining({ purpose: 'change', address: 'canary.moved@example.com' }),
    )
    expect(body.data.mails.map(({ template }: { template: string }) => template)).toEqual(
      expect.arrayContaining(['verify-email', 'new-device', 'confirm-email']),
    )
    for (const foreign of ['stranger', other.id, other.email, '+4915100000002', '198.51.100.2']) {
      expect(text).not.toContain(foreign)
    }
    for (const secret of await secrets()) expect(text).not.toContain(secret)
    expect(text).not.toMatch(/_enc|_index|\$argon2|lk_rt_|canary-nonce|security_epoch|v[12]\./)
  })

  it('describes for each member of its data what it is, why it is stored and for how long', async () => {
    const { body } = await exportOf(await newPerson())
    const described = body.manifest.stores.flatMap(({ exported_as }: { exported_as: string[] }) => exported_as)
    expect([...new Set(described)].sort()).toEqual(Object.keys(body.data).sort())
    for (const entry of body.manifest.stores) {
      expect(entry).toMatchObject({ legal_basis: expect.any(String), retention: expect.any(String) })
    }
  })

  it('is encrypted in the vault, and unreadable once the key is destroyed', async () => {
    const person = await newCanary('canary')
    const { id } = (await request(person)).body
    const stored = await (await env.VAULT.get(`exports/${person.id}/${id}`))?.text()
    expect(stored).toMatch(/^v2\.[\w-]+\.[\w-]+$/)
    const { vault } = await jobContext()
    await vault.destroy([person.id as UserId])
    expect((await download(person, id)).status).toBe(401)
    expect(await actions()).not.toContain('export.downloaded')
  })

  it('cannot be read or downloaded by another person', async () => {
    const [person, other] = [await newPerson(), await newPerson()]
    const { id } = (await request(person)).body
    for (const path of [id, crypto.randomUUID(), 'x', '%00', id.toUpperCase()]) {
      expect((await status(other, path)).body).toMatchObject({ status: 404, code: 'not_found' })
      expect((await download(other, path)).body).toMatchObject({ status: 404, code: 'not_found' })
    }
    expect(await actions()).not.toContain('export.downloaded')
  })

  it('cannot be replaced by another export of the same person', async () => {
    const person = await newPerson()
    const [first, second] = [(await request(person)).body.id, (await request(person)).body.id]
    const bundle = await (await env.VAULT.get(`exports/${person.id}/${first}`))?.text()
    await env.VAULT.put(`exports/${person.id}/${second}`, bundle ?? '')
    expect((await download(person, second)).status).toBe(500)
    expect((await download(person, first)).status).toBe(200)
  })

  it('requires a sign-in within five minutes to be requested and downloaded, but not to read its status', async () => {
    const person = await newPerson()
    const { id } = (await request(person)).body
    vi.useFakeTimers({ toFake: ['Date'] })
    vi.setSystemTime(Date.now() + 5 * 60_000 + 1000)
    const late = await request(person)
    expect([late.status, late.body.code]).toEqual([401, 'step_up_required'])
    expect(late.headers.get('www-authenticate')).toContain('insufficient_user_authentication')
    expect((await status(person, id)).status).toBe(200)
    expect((await download(person, id)).body.code).toBe('step_up_required')
    expect(await countExports()).toBe(1)
  })

  it('refuses a session that has ended, at once and on every route', async () => {
    const person = await newPerson()
    const { id } = (await request(person)).body
    await post('/auth/logout', { refresh_token: person.refreshToken })
    const answers = [await request(person), await status(person, id), await download(person, id)]
    expect(answers.map(({ status: code }) => code)).toEqual([401, 401, 401])
    expect(await countExports()).toBe(1)
    expect(await actions()).toEqual(['export.requested', 'export.ready'])
  })

  it.each(SIZES)('is built once when it is requested %d times at the same moment', async (times) => {
    const person = await newPerson()
    const answers = await Promise.all(Array.from({ length: times }, () => request(person, withoutBundles)))
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    expect(await countExports()).toBe(1)
    expect(await actions()).toEqual(['export.requested'])
  })
})

describe('events that have left the database', () => {
  it('come from the archive, each once and decrypted', async () => {
    const person = await newPerson()
    const other = await newPerson()
    await archiveAll([person, other])
    await env.DB.prepare("DELETE FROM audit_events WHERE action = 'user.registered'").run()
    const { body } = await exportOf(person)
    const events: { id: string; action: string; ip: string }[] = body.data.events
    expect(events.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['user.registered', 'user.signed_in', 'export.requested']),
    )
    expect(events).toHaveLength(3)
    expect(new Set(events.map(({ id }) => id)).size).toBe(3)
    expect(events.every(({ ip }) => ip === '203.0.113.7')).toBe(true)
    expect(JSON.stringify(body)).not.toContain(other.id)
  })

  it('are reported when their segment is missing', async () => {
    const person = await newPerson()
    await archiveAll([person])
    await env.ARCHIVE.delete(oldSegmentPath(1))
    expect((await exportOf(person)).body.data.unreadable_archive_segments).toEqual([1])
  })
})

describe('an export that was cut off', () => {
  const minutesLater = (minutes: number) => jobContext(Date.now() + minutes * 60_000)

  it('is built by the next run', async () => {
    const person = await newPerson()
    const { id } = (await request(person, withoutBundles)).body
    expect((await status(person, id)).body).toMatchObject({ status: 'pending' })
    expect((await status(person, id)).body).not.toHaveProperty('download')
    expect((await download(person, id)).status).toBe(404)
    expect(await buildPendingExports(await jobContext(), 10)).toEqual({ ready: 0, failed: 0, pending: 0 })
    expect(await buildPendingExports(await minutesLater(5), 10)).toEqual({ ready: 1, failed: 0, pending: 0 })
    expect(await buildPendingExports(await minutesLater(5), 10)).toEqual({ ready: 0, failed: 0, pending: 0 })
    expect((await download(person, id)).status).toBe(200)
    expect(await actions()).toEqual(['export.requested', 'export.ready', 'export.downloaded'])
  })

  it('is built once when two runs overlap', async () => {
    const person = await newPerson()
    const { id } = (await request(person, withoutBundles)).body
    const runs = [await minutesLater(5), await minutesLater(5)].map((ctx) => buildPendingExports(ctx, 10))
    await Promise.all(runs)
    expect((await download(person, id)).status).toBe(200)
    expect((await actions()).filter((action) => action === 'export.ready')).toHaveLength(1)
  })

  it('stays pending while the vault fails, and fails after an hour', async () => {
    const person = await newPerson()
    const { id } = (await request(person, withoutBundles)).body
    const later = (ms: number) => jobContext(Date.now() + ms, withoutBundles)
    expect(await buildPendingExports(await later(300_000), 10)).toEqual({ ready: 0, failed: 0, pending: 1 })
    expect(await buildPendingExports(await later(HOUR_MS + 1000), 10)).toEqual({ ready: 0, failed: 1, pending: 0 })
    expect((await status(person, id)).body).toMatchObject({ status: 'failed' })
    expect(await actions()).toEqual(['export.requested', 'export.failed'])
  })

  it('fails for a person whose key is destroyed', async () => {
    const person = await newPerson()
    await request(person, withoutBundles)
    const ctx = await minutesLater(5)
    await ctx.vault.destroy([person.id as UserId])
    expect(await buildPendingExports(ctx, 10)).toEqual({ ready: 0, failed: 1, pending: 0 })
    expect(await bundles()).toEqual([])
    expect(await actions()).toEqual(['export.requested', 'export.failed'])
  })

  it('leaves no bundle when a purge deletes its row meanwhile', async () => {
    const person = await newPerson()
    await request(person, withoutBundles)
    const ctx = await minutesLater(5)
    const put: typeof ctx.exportStore.put = async (...args) => {
      await ctx.exportStore.put(...args)
      await env.DB.prepare('DELETE FROM exports').run()
    }
    await buildPendingExports({ ...ctx, exportStore: { ...ctx.exportStore, put } }, 10)
    expect(await bundles()).toEqual([])
    expect(await actions()).toEqual(['export.requested'])
  })
})

describe('an expired export', () => {
  const nextDay = () => jobContext(Date.now() + 25 * HOUR_MS)
  const sweep = async (ctx: Context) =>
    (await deleteExpiredExports(ctx, { limit: 100, passedOver: 0 }, together)).deleted

  it('cannot be read or downloaded, whether or not it was deleted yet', async () => {
    const person = await newPerson()
    const { id } = (await request(person)).body
    await env.DB.prepare('UPDATE exports SET expires_at = ?').bind(Date.now()).run()
    expect((await status(person, id)).status).toBe(404)
    expect((await download(person, id)).status).toBe(404)
  })

  it('is deleted, bundle and row, and newer exports are not', async () => {
    const [old, young] = [await newPerson(), await newPerson()]
    await request(old)
    const kept = (await request(young)).body.id
    await env.DB.prepare('UPDATE exports SET expires_at = ? WHERE id = ?')
      .bind(Date.now() + 26 * HOUR_MS, kept)
      .run()
    expect(await sweep(await nextDay())).toBe(1)
    expect(await bundles()).toEqual([`exports/${young.id}/${kept}`])
    expect(await countExports()).toBe(1)
    expect(await sweep(await nextDay())).toBe(0)
    expect((await actions()).filter((action) => action === 'export.deleted')).toHaveLength(1)
  })

  it('is deleted by the next run when the first was cut off between bundle and row', async () => {
    await request(await newPerson())
    const ctx = await nextDay()
    const batch = () => Promise.reject(new Error('cut off'))
    await expect(sweep({ ...ctx, db: { ...ctx.db, batch } })).rejects.toThrow('cut off')
    expect([await countExports(), await bundles()]).toEqual([1, []])
    expect(await sweep(ctx)).toBe(1)
    expect(await countExports()).toBe(0)
  })

  it('has one event when two runs overlap', async () => {
    await request(await newPerson())
    const runs = [await nextDay(), await nextDay()].map((ctx) => sweep(ctx))
    expect((await Promise.all(runs)).sort()).toEqual([0, 1])
    expect((await actions()).filter((action) => action === 'export.deleted')).toHaveLength(1)
  })
})

/**
 * Everything in the database that must not be exported: hashes, indexes, ciphertexts, and the ids of tokens.
 */
async function secrets(): Promise<string[]> {
  const columns = [
    ['credentials', 'password_hash'],
    ['users', 'email_index'],
    ['users', 'email_domain_index'],
    ['users', 'email_enc'],
    ['one_time_tokens', 'id'],
    ['audit_events', 'pii_enc'],
    ['sessions', 'device_enc'],
    ['sessions', 'device_index'],
    ['one_time_tokens', 'payload_enc'],
    ['mail_jobs', 'payload_enc'],
  ]
  const reads = columns.map(([table, column]) => env.DB.prepare(`SELECT ${column} AS secret FROM ${table}`))
  const rows = (await env.DB.batch<{ secret: string | null }>(reads)).flatMap(({ results }) => results)
  expect(rows.length).toBeGreaterThan(10)
  return rows.flatMap(({ secret }) => secret ?? [])
}

/** Archives every event in one segment, as the consumer does. */
async function archiveAll(people: readonly Person[]): Promise<void> {
  const { results } = await env.DB.prepare(
    `SELECT id, occurred_at, action, outcome, actor_type, actor_id, subject_id, request_id, detail, pii_enc
     FROM audit_events`,
  ).all<ArchivedEvent>()
  await env.ARCHIVE.put(oldSegmentPath(1), formatOldSegment(GENESIS, results, Date.now()))
  const place = env.DB.prepare('INSERT INTO archive_places (user_id, sequence, archived_at) VALUES (?, 1, 1)')
  await env.DB.batch(people.map(({ id }) => place.bind(id)))
}
