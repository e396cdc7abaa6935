import { env } from 'cloudflare:workers'
import { describe, expect, test, vi } from 'vitest'
import { needsTwoFactors } from '../../src/core/assurance.ts'
import { burst, call, newPerson, PASSWORD, type Person, post, signIn } from '../support/api.ts'
import { beforeBatch } from '../support/intercept-stores.ts'
import { openMailbox, tokenIn } from '../support/mailbox.ts'
import { appWithCachedHashes } from '../support/passwords.ts'
import { giveToken } from '../support/requests.ts'
import { NEW_PASSWORD } from '../support/session-ends.ts'
import { SIZES } from '../support/sizes.ts'
import { newAccount, providersForEachTest, signInWith, socialEnv } from '../support/social.ts'
import { change, countOf, events, prove, row } from '../support/stores.ts'

// No route turns two factors on yet: these tests set the columns.

const providers = providersForEachTest()

const turnOn = ({ id }: Pick<Person, 'id'>) =>
  change('UPDATE users SET two_step_at = ? WHERE id = ?', Date.now() - 1000, id)

/** Sessions in D1 and in KV. */
const openSessions = async () => [
  await countOf('sessions'),
  (await env.SESSIONS.list({ prefix: 'session:' })).keys.length,
]

/** Each way in, up to the request that would open the session. */
const ways: Readonly<Record<string, (person: Person) => Promise<() => ReturnType<typeof post>>>> = {
  password:
    async ({ email }) =>
    () =>
      post('/auth/login', { email, password: PASSWORD }),
  'offer to restore': async (person) => {
    await call('/api/v1/users/me', { method: 'DELETE', token: person.accessToken })
    const { body } = await post('/auth/login', { email: person.email, password: PASSWORD })
    return () => post('/auth/restore', { token: body.restore_token })
  },
  'mailed link that restores': async (person) => {
    await prove(person)
    await call('/api/v1/users/me', { method: 'DELETE', token: person.accessToken })
    const token = await giveToken(person, 'recover')
    return () => post('/auth/restore', { token })
  },
}

describe('an account that needs two factors', () => {
  test.each(Object.entries(ways))('M1 M3 gets no session from one factor: %s', async (_, prepare) => {
    const ada = await newPerson()
    const enter = await prepare(ada)
    await turnOn(ada)
    const before = await openSessions()
    const refused = await enter()
    expect([refused.status, refused.body.code]).toEqual([403, 'second_factor_required'])
    expect(JSON.stringify([refused.body, [...refused.headers]])).not.toMatch(/lk_rt_|access_token|set-cookie/)
    expect(await openSessions()).toEqual(before)
    expect(await events('user.sign_in_failed')).toMatchObject([
      { subject_id: ada.id, detail: { reason: 'second_factor_required' } },
    ])
  })

  test('M1 M3 gets no session from one factor: provider', async () => {
    const [account, using] = [newAccount(), { env: socialEnv() }]
    expect((await signInWith(providers, 'acme', account, using)).status).toBe(200)
    await change('UPDATE users SET two_step_at = 1')
    const before = await openSessions()
    const refused = await signInWith(providers, 'acme', account, using)
    expect([refused.status, refused.body.code]).toEqual([403, 'second_factor_required'])
    expect(await openSessions()).toEqual(before)
  })

  test('M3 needs them from the due date on, to the millisecond', async () => {
    const now = Date.now()
    vi.setSystemTime(now)
    const ada = await newPerson()
    await change('UPDATE users SET two_step_due_at = ?', now + 1)
    await signIn(ada.email)
    vi.setSystemTime(now + 1)
    expect((await post('/auth/login', { email: ada.email, password: PASSWORD })).status).toBe(403)
    vi.useRealTimers()
  })

  test('M3 gets no session if that is decided between the two waits of a sign-in', async () => {
    const ada = await newPerson()
    const before = await countOf('sessions')
    const using = beforeBatch(2, () => turnOn(ada))
    const refused = await post('/auth/login', { email: ada.email, password: PASSWORD }, { env: using })
    expect([refused.status, refused.body.code]).toEqual([401, 'invalid_credentials'])
    expect(await countOf('sessions')).toBe(before)
    expect(await events('user.sign_in_failed')).toMatchObject([{ detail: { reason: 'changed_meanwhile' } }])
  })

  test.each(SIZES)('M3 gets no session from any of %i sign-ins after that is decided', async (size) => {
    const ada = await newPerson()
    let then: number | undefined
    const decide = async () => {
      const [, count] = await env.DB.batch<{ n: number }>([
        env.DB.prepare('UPDATE users SET two_step_at = 1 WHERE id = ?').bind(ada.id),
        env.DB.prepare('SELECT count(*) AS n FROM sessions'),
      ])
      then = count?.results[0]?.n
    }
    // Nearly all of them have read the account by now, and wait to open their session.
    const using = beforeBatch(size + 1, decide)
    const racing = await burst(size, () =>
      post('/auth/login', { email: ada.email, password: PASSWORD }, { env: using, app: appWithCachedHashes }),
    )
    const opened = racing.filter(({ status }) => status === 200).length
    expect(await countOf('sessions')).toBe(then)
    expect(then).toBe(1 + opened)
  })

  test('M12 keeps needing them after a reset by mail, if its address was proven before', async () => {
    const [ada, box] = [await newPerson(), openMailbox()]
    await prove(ada)
    await turnOn(ada)
    await resetByMail(ada, box)
    expect((await row('SELECT two_step_at FROM users')).two_step_at).not.toBeNull()
    const refused = await post('/auth/login', { email: ada.email, password: NEW_PASSWORD })
    expect(refused.body.code).toBe('second_factor_required')
  })

  test('M12 needs them no more once another person proves the mailbox', async () => {
    const [ada, box] = [await newPerson(), openMailbox()]
    await turnOn(ada)
    await resetByMail(ada, box)
    await signIn(ada.email, NEW_PASSWORD)
  })
})

describe('M12 the first proof of the mailbox ends the need for two factors', () => {
  test('by a mailed link that restores', async () => {
    const ada = await newPerson()
    await call('/api/v1/users/me', { method: 'DELETE', token: ada.accessToken })
    await turnOn(ada)
    expect((await post('/auth/restore', { token: await giveToken(ada, 'recover') })).status).toBe(200)
    expect((await row('SELECT two_step_at FROM users')).two_step_at).toBeNull()
  })

  test('by a provider', async () => {
    const ada = await newPerson()
    await turnOn(ada)
    const account = newAccount({ email: ada.email })
    expect((await signInWith(providers, 'acme', account, { env: socialEnv() })).status).toBe(200)
    expect((await row('SELECT two_step_at FROM users')).two_step_at).toBeNull()
  })
})

test('M14 the rule is the same in the gate and in the statement that opens the session', async () => {
  const now = Date.now()
  vi.setSystemTime(now)
  const ada = await newPerson()
  const times = [null, 0, now - 1, now, now + 60_000]
  for (const twoStepAt of times)
    for (const twoStepDueAt of times) {
      const set = () =>
        change('UPDATE users SET two_step_at = ?, two_step_due_at = ? WHERE id = ?', twoStepAt, twoStepDueAt, ada.id)
      const isNeeded = needsTwoFactors({ twoStepAt, twoStepDueAt }, now)
      await set()
      const judged = await post('/auth/login', { email: ada.email, password: PASSWORD })
      await change('UPDATE users SET two_step_at = NULL, two_step_due_at = NULL')
      const using = beforeBatch(2, set)
      const guarded = await post('/auth/login', { email: ada.email, password: PASSWORD }, { env: using })
      expect([judged.status, guarded.status], `${twoStepAt} ${twoStepDueAt}`).toEqual(
        isNeeded ? [403, 401] : [200, 200],
      )
    }
  vi.useRealTimers()
})

async function resetByMail({ email }: Person, box: ReturnType<typeof openMailbox>): Promise<void> {
  await post('/auth/reset-password', { email }, { env: box.env })
  const token = tokenIn((await box.collect()).findLast(({ to }) => to === email))
  expect((await post('/auth/reset-password/confirm', { token, new_password: NEW_PASSWORD })).status).toBe(204)
}
