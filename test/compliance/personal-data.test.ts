import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { personalDataOwners } from '../../src/compliance/personal-data-owners.ts'
import type { UserId } from '../../src/core/ids.ts'
import { countChanges } from '../../src/storage/database/count-changes.ts'
import { openDatabase } from '../../src/storage/database/database.ts'
import { call, newPerson, type Person, post, signIn } from '../support/api.ts'
import { giveIdentity } from '../support/requests.ts'
import { schemaTables } from '../support/schema-tables.ts'

const claimed = personalDataOwners.flatMap(({ tables }) => tables)
const kept = personalDataOwners.flatMap((owner) => Object.keys(owner.kept))

const naming = schemaTables
  .filter(({ name, columns }) => name === 'users' || columns.some((column) => /^(user|subject)_id$/.test(column)))
  .map(({ name }) => name)

describe('the personal-data registry', () => {
  it('D8 has exactly one owner for every table that names a person', () => {
    expect(naming).toContain('audit_events')
    expect([...claimed].sort()).toEqual([...naming].sort())
  })

  it('deletes from every table, except those whose rows are kept', () => {
    const erased = personalDataOwners.flatMap((owner) =>
      owner.erasePersonalData('nobody' as UserId).map(({ table }) => table),
    )
    expect([...erased].sort()).toEqual(claimed.filter((table) => !kept.includes(table)).sort())
  })

  it('gives a reason for each table whose rows are kept', () => {
    expect([...kept].sort()).toEqual(['audit_events', 'erasures', 'legal_holds'])
    for (const owner of personalDataOwners) {
      for (const [table, reason] of Object.entries(owner.kept)) {
        expect(owner.tables).toContain(table)
        expect(reason.length).toBeGreaterThan(20)
      }
    }
  })

  it('erases one person from every table, does not change another person, and does nothing the second time', async () => {
    const [gone, stays] = [await newPerson({ full_name: 'Gone' }), await newPerson({ full_name: 'Stays' })]
    for (const person of [gone, stays]) await fillTables(person)
    expect(await erase(gone)).toEqual({
      activity_bundles: 1,
      archive_places: 1,
      exports: 1,
      consents: 1,
      mail_jobs: 1,
      totp_factors: 1,
      // Two rows, and the count of passkeys of a domain that a trigger maintains.
      passkeys: 3,
      recovery_codes: 1,
      factor_resets: 1,
      // The link to verify the address, and the one inserted below.
      one_time_tokens: 2,
      oauth_flows: 1,
      sessions: 1,
      user_profiles: 1,
      user_roles: 1,
      // The row, and the count of password costs that a trigger maintains.
      credentials: 2,
      social_logins: 1,
      // The row, and the two counts of accounts that triggers maintain.
      users: 3,
    })
    expect(Object.values(await erase(gone)).every((deleted) => deleted === 0)).toBe(true)
    for (const table of claimed.filter((name) => name !== 'users' && !kept.includes(name))) {
      const { results } = await env.DB.prepare(`SELECT DISTINCT user_id FROM ${table}`).all()
      expect([table, results]).toEqual([table, [{ user_id: stays.id }]])
    }
    const tombstone = await env.DB.prepare('SELECT * FROM users WHERE id = ?').bind(gone.id).first()
    expect(tombstone).toMatchObject({
      email_index: `erased.${gone.id}`,
      email_domain_index: '',
      email_enc: '',
      is_verified: 0,
      last_login_at: null,
      status: 'deleted',
      security_epoch: 1,
    })
    await expect(signIn(stays.email)).resolves.toBeDefined()
    expect((await post('/auth/login', { email: gone.email, password: 'x' })).status).toBe(401)
  })
})

async function fillTables({ id, accessToken }: Person): Promise<void> {
  await giveIdentity({ id })
  const consent = { version: '1', decision: 'granted' }
  await call('/api/v1/users/me/consents/terms', { method: 'PUT', token: accessToken, body: consent })
  await env.DB.batch([
    env.DB.prepare("INSERT INTO user_roles (role, user_id) VALUES ('support', ?)").bind(id),
    env.DB.prepare(
      "INSERT INTO one_time_tokens (id, user_id, purpose, created_at, expires_at) VALUES (?, ?, 'restore', 1, 2)",
    ).bind(crypto.randomUUID(), id),
    env.DB.prepare(
      "INSERT INTO exports (id, user_id, status, created_at, expires_at) VALUES (?, ?, 'pending', 1, 2)",
    ).bind(crypto.randomUUID(), id),
    env.DB.prepare(
      "INSERT INTO oauth_flows (id, user_id, provider, code_challenge, created_at, expires_at) VALUES (?, ?, 'github', 'x', 1, 2)",
    ).bind(crypto.randomUUID(), id),
    env.DB.prepare("INSERT INTO totp_factors VALUES (?, 'x', 1, 0, 'x', 1)").bind(id),
    ...[1, null].map((removedAt) =>
      env.DB.prepare(
        `INSERT INTO passkeys (id, user_id, rp_id, credential_id, public_key, is_backup_eligible, is_backed_up,
           is_discoverable, is_uv_initialized, created_at, removed_at)
         VALUES (?1, ?2, 'x', ?1, '{}', 1, 1, 1, 1, 1, ?3)`,
      ).bind(crypto.randomUUID(), id, removedAt),
    ),
    env.DB.prepare("INSERT INTO recovery_codes (user_id, code_hash, created_at) VALUES (?, 'x', 1)").bind(id),
    env.DB.prepare(
      "INSERT INTO factor_resets (user_id, kinds, due_at, requested_by, created_at) VALUES (?, '[]', 2, ?, 1)",
    ).bind(id, crypto.randomUUID()),
    env.DB.prepare('INSERT INTO archive_places (user_id, sequence, archived_at) VALUES (?, 1, 1)').bind(id),
    env.DB.prepare("INSERT INTO activity_bundles VALUES (?, '2026-07-06+28', 1, 'x')").bind(id),
  ])
}

async function erase({ id }: Person): Promise<Record<string, number>> {
  const steps = personalDataOwners.flatMap((owner) => owner.erasePersonalData(id as UserId))
  const counted = Object.fromEntries(steps.map(({ table, statement }) => [table, countChanges(statement)]))
  const changes = await openDatabase(env.DB).db.batch(counted)
  return Object.fromEntries(steps.map(({ table }) => [table, changes[table]?.[0]?.changed ?? -1]))
}
