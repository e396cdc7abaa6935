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
