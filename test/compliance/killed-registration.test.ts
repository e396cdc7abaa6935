import { env } from 'cloudflare:workers'
import { afterEach, expect, test, vi } from 'vitest'
import { PASSWORD, post, signIn } from '../support/api.ts'
import { faultsAt } from '../support/faults-at.ts'
import { faultyEnv, killedAt } from '../support/faulty-env.ts'
import { deliver, keysIn, rows, runCron, unarchivedEvents } from '../support/service.ts'

afterEach(() => {
  vi.useRealTimers()
})

test('a registration that is killed at any call and repeated has the same result as an undisturbed one (D6)', async () => {
  let wasKilled = true
  let people = 0
  for (let at = 0; wasKilled; at++) {
    for (const fault of faultsAt(at)) {
      const email = `killed${++people}@example.com`
      const faulty = faultyEnv(env, killedAt(at, fault))
      await post('/auth/register', { email, password: PASSWORD, full_name: 'Killed' }, { env: faulty.env })
      wasKilled = faulty.calls.length > at

      expect([201, 409]).toContain((await post('/auth/register', { email, password: PASSWORD })).status)
      await signIn(email)
    }
  }
  vi.setSystemTime(Date.now() + 2 * 3_600_000)
  await runCron()
  vi.setSystemTime(Date.now() + 36 * 86_400_000)
  await runCron()
  const users = await rows<{ id: string }>('SELECT id FROM users ORDER BY id')
  expect(users).toHaveLength(people)
  expect((await keysIn(env.VAULT, 'keys/')).filter((key) => !key.startsWith('keys/system/'))).toEqual(
    users.map(({ id }) => `keys/${id}`),
  )
  for (const table of ['credentials', 'user_profiles'])
    expect(await rows(`SELECT user_id FROM ${table}`)).toHaveLength(people)
  const registered = "SELECT DISTINCT subject_id FROM audit_events WHERE action = 'user.registered'"
  expect(await rows(registered)).toHaveLength(people)
  expect(await rows("SELECT id FROM audit_events WHERE action = 'user.registered'")).toHaveLength(people)
  vi.useRealTimers()
  expect(await deliver(await unarchivedEvents())).toBe(true)
  expect(await unarchivedEvents()).toEqual([])
})
