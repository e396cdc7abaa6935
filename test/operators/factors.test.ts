import { reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { openTicket } from '../../src/crypto/ticket.ts'
import type { Person } from '../support/api.ts'
import { runCronWithArchive } from '../support/erasures.ts'
import { giveReset, giveTwoCodes, giveTwoStep } from '../support/factor-resets.ts'
import { jobContext } from '../support/job-context.ts'
import { act, ask, newAdmin, newUser } from '../support/operators.ts'
import { storePasskey } from '../support/passkeys.ts'
import { change, rows } from '../support/stores.ts'

const view = async (admin: Person, { id }: Person) => (await ask(admin, `/users/${id}`)).body.factors

test('an operator sees the kinds and dates of second factors, and a reset that waits, but no id and no secret', async () => {
  const [admin, person] = [await newAdmin(), await newUser()]
  const none = { totp: null, passkeys: null, recovery_codes: null, reset: null }
  expect(await view(admin, person)).toEqual({ two_step: { enabled: false, since: null, due_at: null }, ...none })
  await giveTwoStep(person)
  await giveTwoCodes(person)
  await giveReset(person, { dueAt: 3 })
  const [first, second, third] = [await storePasskey(person), await storePasskey(person), await storePasskey(person)]
  await change('UPDATE passkeys SET created_at = 1')
  await change('UPDATE passkeys SET suspended_at = 1, last_used_at = 4, created_at = 2 WHERE id = ?', second)
  await change('UPDATE passkeys SET removed_at = 1, last_used_at = 9, created_at = 8 WHERE id = ?', third)
  expect(first).not.toBe(second)
  await change('UPDATE users SET two_step_due_at = 2 WHERE id = ?', person.id)
  const at = (ms: number) => new Date(ms).toISOString()
  expect(await view(admin, person)).toEqual({
    two_step: { enabled: true, since: at(1), due_at: at(2) },
    totp: { created_at: at(1) },
    passkeys: { usable: 1, blocked: 1, created_at: at(2), last_used_at: at(4) },
    recovery_codes: { left: 1, created_at: at(1) },
    reset: { kinds: ['totp', 'recovery_codes'], due_at: at(3) },
  })
  await change("UPDATE factor_resets SET kinds = 'no json'")
  expect((await view(admin, person)).reset).toEqual({ kinds: [], due_at: at(3) })
})

test('the statistics count accounts with two-step sign-in through every change of their state', async () => {
  const admin = await newAdmin()
  const [person, other] = [await newUser(), await newUser()]
  const twoStep = async () => (await ask(admin, '/stats')).body.two_step
  const counts = () => rows('SELECT status, two_step FROM user_counts WHERE two_step > 0 ORDER BY 1')
  expect(await twoStep()).toEqual({ active_users: { aal1: 3, aal2: 0 }, admins_without: 1 })
  await giveTwoStep(person)
  await giveTwoStep(other)
  await change('UPDATE users SET two_step_at = 2 WHERE id = ?', person.id)
  expect(await twoStep()).toEqual({ active_users: { aal1: 1, aal2: 2 }, admins_without: 1 })

  await act(admin, person, 'suspend')
  expect(await counts()).toEqual([
    { status: 'active', two_step: 1 },
    { status: 'suspended', two_step: 1 },
  ])
  await act(admin, person, 'reactivate')
  await change('UPDATE users SET two_step_at = NULL WHERE id = ?', other.id)
  expect(await counts()).toEqual([{ status: 'active', two_step: 1 }])
  await act(admin, person, 'erase', { immediate: true })
  expect(await counts()).toEqual([{ status: 'deleted', two_step: 1 }])
  await runCronWithArchive()
  expect(await counts()).toEqual([])

  // As an import inserts an account, and as no code of the service deletes one.
  const { results } = await env.DB.prepare('SELECT * FROM users WHERE id = ?').bind(other.id).all()
  const copy = { ...results[0], id: crypto.randomUUID(), email_index: 'another', two_step_at: 1 }
  const columns = Object.keys(copy)
  await change(
    `INSERT INTO users (${columns.join()}) VALUES (${columns.map(() => '?').join()})`,
    ...Object.values(copy),
  )
  expect(await counts()).toEqual([{ status: 'active', two_step: 1 }])
  await change('DELETE FROM users WHERE id = ?', copy.id)
  expect(await counts()).toEqual([])
})

test('an enrolment token is made only where no mail leaves, for an active account without a second factor', async () => {
  const [admin, person] = [await newAdmin(), await newUser()]
  const silent = { ...env, MAIL_TRANSPORT: 'off' } as unknown as Env
  const make = (using: Env) => act(admin, person, 'enrolment-token', {}, { env: using })
  expect((await make(env)).body.code).toBe('state_conflict')
  const { status, body } = await make(silent)
  expect(status).toBe(200)
  expect(body).toEqual({ enrolment_token: expect.stringMatching(/^v2\./), expires_in: 900 })
  expect(JSON.stringify(await rows('SELECT detail FROM audit_events'))).not.toContain(body.enrolment_token)
  await giveTwoCodes(person)
  expect((await make(silent)).body.code).toBe('state_conflict')
  await change('DELETE FROM recovery_codes WHERE user_id = ?', person.id)
  await act(admin, person, 'suspend')
  expect((await make(silent)).body.code).toBe('state_conflict')
  const made = await rows("SELECT outcome FROM audit_events WHERE action = 'factors.enrolment_token_made' ORDER BY id")
  expect(made.map(({ outcome }) => outcome)).toEqual(['failure', 'success', 'failure', 'failure'])
})

test('an enrolment token belongs to the account, its security epoch and 15 minutes', async () => {
  const [admin, person] = [await newAdmin(), await newUser()]
  await change('UPDATE users SET security_epoch = 7 WHERE id = ?', person.id)
  const using = { ...env, MAIL_TRANSPORT: 'off' } as unknown as Env
  const { body } = await act(admin, person, 'enrolment-token', {}, { env: using })
  const { ring } = await jobContext()
  const ticket = await openTicket(ring, 'enrol', body.enrolment_token, Date.now())
  expect(ticket).toMatchObject({ userId: person.id, amr: [], authTimeMs: 0, epoch: 7, by: 'operator' })
  expect(await openTicket(ring, 'enrol', body.enrolment_token, Date.now() + 900_000)).toBeUndefined()
  expect(await openTicket(ring, 'mfa', body.enrolment_token, Date.now())).toBeUndefined()
})

test('the statistics count passkeys by domain, through every change of their rows', async () => {
  const [admin, person, other] = [await newAdmin(), await newUser(), await newUser()]
  const passkeys = async () => (await ask(admin, '/stats')).body.passkeys
  const present = (count: number) => ({ rp_id: 'latchkey.test', count, other_domain: false })
  const [one, two] = [await storePasskey(person), await storePasskey(person)]
  await storePasskey(other)
  expect(await passkeys()).toEqual([present(3)])
  await change("UPDATE passkeys SET rp_id = 'old.test' WHERE id IN (?, ?)", one, two)
  await change('UPDATE passkeys SET suspended_at = 1, last_used_at = 1')
  const old = (count: number) => ({ rp_id: 'old.test', count, other_domain: true })
  expect(await passkeys()).toEqual([present(1), old(2)])
  await change('UPDATE passkeys SET removed_at = 1 WHERE id = ?', one)
  expect(await passkeys()).toEqual([present(1), old(1)])
  await change('DELETE FROM passkeys WHERE id = ?', one)
  expect(await passkeys()).toEqual([present(1), old(1)])
  await change('UPDATE passkeys SET removed_at = NULL, rp_id = ? WHERE id = ?', 'latchkey.test', two)
  expect(await passkeys()).toEqual([present(2)])
  await change('DELETE FROM passkeys WHERE user_id = ?', person.id)
  expect(await passkeys()).toEqual([present(1)])
  await change('DELETE FROM passkeys WHERE user_id = ?', other.id)
  expect(await passkeys()).toEqual([])
})

interface Migration {
  readonly name: string
  readonly queries: readonly string[]
}

test('the migration counts the passkeys that there are', async () => {
  await reset()
  const { TEST_MIGRATIONS: migrations } = env as Env & { readonly TEST_MIGRATIONS: readonly Migration[] }
  const at = migrations.findIndex(({ name }) => name.includes('passkey-counts'))
  const run = (some: readonly Migration[]) =>
    env.DB.batch(some.flatMap(({ queries }) => queries.map((query) => env.DB.prepare(query))))
  await run(migrations.slice(0, at))
  await change(
    `INSERT INTO users (id, email_index, email_domain_index, email_enc, is_verified, status, created_at, security_epoch)
     VALUES ('u', '1.u', 'd', 'e', 0, 'active', 0, 0)`,
  )
  const stored = [
    ...[['a', 'one', null] as const, ['b', 'one', null] as const],
    ...[['c', 'two', null] as const, ['d', 'two', 1] as const, ['e', 'three', 1] as const],
  ]
  for (const [id, rpId, removedAt] of stored)
    await change(
      `INSERT INTO passkeys (id, user_id, rp_id, credential_id, public_key, is_backup_eligible, is_backed_up,
         is_discoverable, is_uv_initialized, created_at, removed_at) VALUES (?1, 'u', ?2, ?1, '{}', 1, 1, 1, 1, 1, ?3)`,
      ...[id, rpId, removedAt],
    )
  await run(migrations.slice(at))
  expect(await rows('SELECT rp_id, passkeys FROM passkey_counts ORDER BY 1')).toEqual([
    { rp_id: 'one', passkeys: 2 },
    { rp_id: 'two', passkeys: 1 },
  ])
})
