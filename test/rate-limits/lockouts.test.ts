import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import type { UserId } from '../../src/core/ids.ts'
import { type EmailAddress, parseEmailAddress } from '../../src/identity/email/email-address.ts'
import { clearCounters } from '../../src/rate-limits/clear-counters.ts'
import { findCounters } from '../../src/rate-limits/find-counters.ts'
import type { CountedSubject } from '../../src/rate-limits/subject-counters.ts'
import { burst, newPerson, PASSWORD, type Person, post } from '../support/api.ts'
import { failing } from '../support/intercept-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { plainApp as app } from '../support/passwords.ts'
import { change, events } from '../support/stores.ts'

const login = (email: string, password: string) => post('/auth/login', { email, password }, { app })
const guess = (email: string, times: number) => burst(times, () => login(email, 'guess'))

function address(email: string): EmailAddress {
  const parsed = parseEmailAddress(email)
  if (parsed === undefined) throw new Error('no address')
  return parsed
}

const bySubject: [string, (person: Person) => CountedSubject][] = [
  ['address', ({ email }) => ({ email: address(email.toUpperCase()) })],
  ['user', ({ id }) => ({ userId: id as UserId })],
]

describe('the lockout of an account, for an operator', () => {
  test.each(bySubject)('is found and cleared by %s, and then the owner can sign in at once', async (_, subjectOf) => {
    const person = await newPerson({}, { app })
    await guess(person.email, 10)
    expect((await login(person.email, PASSWORD)).status).toBe(401)
    const ctx = await jobContext()
    const lockout = { kind: 'lock', policy: 'sign-in', by: 'email', quota: 10, isUsedUp: true }
    expect(await findCounters(ctx, subjectOf(person))).toContainEqual(expect.objectContaining(lockout))

    expect(await clearCounters(ctx, subjectOf(person))).toBeGreaterThan(0)
    expect(await findCounters(ctx, subjectOf(person))).toEqual([])
    expect(await events('lock.cleared')).toMatchObject([{ subject_id: person.id, outcome: 'success' }])
    expect((await login(person.email, PASSWORD)).status).toBe(200)
  })

  test('is empty without failures, and clearing it then records nothing', async () => {
    const ctx = await jobContext()
    const subject = { email: address('nobody@example.com') }
    expect(await findCounters(ctx, subject)).toEqual([])
    expect(await clearCounters(ctx, subject)).toBe(0)
    expect(await events('lock.cleared')).toEqual([])
  })

  test('is found and cleared after a hundred failures in a row', async () => {
    const person = await newPerson({}, { app })
    await guess(person.email, 1)
    await change('UPDATE attempts SET count = 100 WHERE ends_at > ?', Date.now() + 29 * 86_400_000)
    const subject = { userId: person.id as UserId }
    const lockout = { kind: 'lock', policy: 'sign-in-in-a-row', by: 'email', count: 100, isUsedUp: true }
    expect(await findCounters(await jobContext(), subject)).toContainEqual(expect.objectContaining(lockout))
    expect((await login(person.email, PASSWORD)).status).toBe(401)
    await clearCounters(await jobContext(), subject)
    expect((await login(person.email, PASSWORD)).status).toBe(200)
  })

  test('is found for an address that has no account', async () => {
    await guess('nobody@example.com', 3)
    const found = await findCounters(await jobContext(), { email: address('nobody@example.com') })
    expect(found).toMatchObject([
      { kind: 'lock', policy: 'sign-in', count: 3, quota: 10, isUsedUp: false },
      { kind: 'lock', policy: 'sign-in-in-a-row', count: 3, quota: 100, isUsedUp: false },
    ])
  })

  test('includes no ended windows and no counters of other people', async () => {
    const [one, other] = [await newPerson({}, { app }), await newPerson({}, { app })]
    await change('DELETE FROM attempts')
    await guess(one.email, 10)
    const later = await jobContext(Date.now() + 16 * 60_000)
    const found = await findCounters(later, { userId: one.id as UserId })
    expect(found).toMatchObject([{ policy: 'sign-in-in-a-row', count: 10, isUsedUp: false }])
    expect(await findCounters(await jobContext(), { userId: other.id as UserId })).toEqual([])
    expect(await clearCounters(await jobContext(), { userId: other.id as UserId })).toBe(0)
    expect((await login(one.email, PASSWORD)).status).toBe(401)
  })

  test('is also removed from KV when it is cleared', async () => {
    const strict = { ...env, LIMIT_FACTOR: '1' }
    const email = 'often@example.com'
    const register = () => post('/auth/register', { email, password: PASSWORD }, { app, env: { ...strict } })
    for (let i = 0; i < 11; i++) await register()
    expect((await env.LIMITS.list({ prefix: 'blocked:' })).keys).toHaveLength(1)
    expect((await register()).status).toBe(429)
    await clearCounters(await jobContext(Date.now(), strict), { email: address(email) })
    expect((await env.LIMITS.list({ prefix: 'blocked:' })).keys).toEqual([])
    expect((await register()).status).toBe(409)
  })

  test('is not_found for an unknown user, and unavailable while the vault is down', async () => {
    const ctx = await jobContext()
    const nobody = { userId: crypto.randomUUID() as UserId }
    await expect(findCounters(ctx, nobody)).rejects.toMatchObject({ code: 'not_found' })
    await expect(clearCounters(ctx, nobody)).rejects.toMatchObject({ code: 'not_found' })
    const { id } = await newPerson({}, { app })
    const down = await jobContext(
      Date.now(),
      failing((name) => /^(VAULT|KEY_CACHE)/.test(name), 'down'),
    )
    await expect(findCounters(down, { userId: id as UserId })).rejects.toMatchObject({ code: 'unavailable' })
  })
})
