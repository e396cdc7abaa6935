import { env } from 'cloudflare:workers'
import { describe, expect, test, vi } from 'vitest'
import { needsTwoFactors } from '../../src/core/assurance.ts'
import { type Answer, burst, call, newPerson, PASSWORD, type Person, post, signIn } from '../support/api.ts'
import { beforeBatch } from '../support/intercept-stores.ts'
import { openMailbox, tokenIn } from '../support/mailbox.ts'
import { ask, grant } from '../support/operators.ts'
import { storePasskey } from '../support/passkeys.ts'
import { appOfTestUsers } from '../support/passwords.ts'
import { giveToken } from '../support/requests.ts'
import { giveRecoveryCodes, giveTotp, turnTwoStepOn as turnOn } from '../support/second-factors.ts'
import { NEW_PASSWORD } from '../support/session-ends.ts'
import { SIZES } from '../support/sizes.ts'
import { newAccount, providersForEachTest, signInWith, socialEnv } from '../support/social.ts'
import { change, countOf, events, prove, row } from '../support/stores.ts'

const providers = providersForEachTest()

const isSignedIn = ({ body }: Answer): boolean => 'access_token' in body

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

/** The factors that an account has, and the members of the answer to its first one. */
const asked: Readonly<Record<string, { give: (person: Person) => Promise<unknown>; answer: object; event: string }>> = {
  app: {
    give: giveTotp,
    answer: { mfa_required: true, expires_in: 300, methods: ['totp'] },
    event: 'user.second_factor_asked',
  },
  'recovery codes': {
    give: giveRecoveryCodes,
    answer: { mfa_required: true, methods: ['recovery_code'] },
    event: 'user.second_factor_asked',
  },
  both: {
    give: async (person) => [await giveTotp(person), await giveRecoveryCodes(person)],
    answer: { mfa_required: true, methods: ['totp', 'recovery_code'] },
    event: 'user.second_factor_asked',
  },
  none: {
    give: async () => undefined,
    answer: { enrolment_required: true, expires_in: 900, methods: ['passkey', 'totp'] },
    event: 'user.enrolment_asked',
  },
}

const TOKENS = /lk_rt_|lk_dev_|access_token|set-cookie/

describe('an account that needs two factors', () => {
  const cases = Object.keys(ways).flatMap((way) => Object.keys(asked).map((factors) => ({ way, factors })))

  test.each(Object.entries(asked))('M1 is asked for its own factors alone: %s', async (_, { give, answer, event }) => {
    const [ada, grace] = [await newPerson(), await newPerson()]
    await giveTotp(grace)
    await giveRecoveryCodes(grace)
    await turnOn(ada)
    await give(ada)
    expect((await post('/auth/login', { email: ada.email, password: PASSWORD })).body).toMatchObject(answer)
    expect(await events(event)).toMatchObject([{ subject_id: ada.id }])
  })

  test.each(["status = 'suspended'", 'security_epoch = security_epoch + 1'])(
    'M3 is asked for nothing if it changes between the two waits: %s',
    async (assignment) => {
      const ada = await newPerson()
      await giveTotp(ada)
      await turnOn(ada)
      const using = { env: beforeBatch(2, () => change(`UPDATE users SET ${assignment}`)) }
      const refused = await post('/auth/login', { email: ada.email, password: PASSWORD }, using)
      expect([refused.status, refused.body.code]).toEqual([401, 'invalid_credentials'])
      expect(await events('user.second_factor_asked')).toEqual([])
      expect(await events('user.sign_in_failed')).toMatchObject([{ detail: { reason: 'changed_meanwhile' } }])
    },
  )

  test.each(cases)('M1 M3 gets no session from one factor: $way, with $factors', async ({ way, factors }) => {
    const ada = await newPerson()
    const enter = await ways[way]?.(ada)
    await turnOn(ada)
    const { give, answer, event } = asked[factors] as (typeof asked)[string]
    await give(ada)
    const before = await openSessions()
    const first = await enter?.()
    expect([first?.status, first?.body]).toMatchObject([200, answer])
    expect(JSON.stringify([first?.body, [...(first?.headers ?? [])]])).not.toMatch(TOKENS)
    expect(await openSessions()).toEqual(before)
    expect(await events(event)).toMatchObject([{ subject_id: ada.id, outcome: 'success' }])
    expect(await events('user.sign_in_failed')).toEqual([])
  })

  test.each(Object.keys(asked))('M1 M3 gets no session from one factor: provider, with %s', async (factors) => {
    const [account, using] = [newAccount(), { env: socialEnv() }]
    const { body } = await signInWith(providers, 'acme', account, using)
    const { give, answer } = asked[factors] as (typeof asked)[string]
    await give({ ...body.user, accessToken: '', refreshToken: '' })
    await change('UPDATE users SET two_step_at = 1')
    const before = await openSessions()
    const first = await signInWith(providers, 'acme', account, using)
    expect([first.status, first.body]).toMatchObject([200, answer])
    expect(JSON.stringify([first.body, [...first.headers]])).not.toMatch(TOKENS)
    expect(await openSessions()).toEqual(before)
  })

  test('M1 gets no session, and nothing to enrol with, once its second factors are used up', async () => {
    const ada = await newPerson()
    await giveTotp(ada)
    await giveRecoveryCodes(ada)
    await turnOn(ada)
    await change('UPDATE totp_factors SET failures = 50')
    await change('UPDATE recovery_codes SET used_at = 1')
    const refused = await post('/auth/login', { email: ada.email, password: PASSWORD })
    expect([refused.status, refused.body.code]).toEqual([403, 'second_factor_required'])
    expect(await events('user.sign_in_failed')).toMatchObject([{ detail: { reason: 'second_factor_required' } }])
  })

  const states: Readonly<Record<string, [what: string, give: (person: Person) => Promise<unknown>]>> = {
    'no factor': ['enrolment', async () => undefined],
    'an app': ['second step', giveTotp],
    'a locked app': [
      'none works',
      async (ada) => [await giveTotp(ada), await change('UPDATE totp_factors SET failures = 50')],
    ],
    'a recovery code': ['second step', giveRecoveryCodes],
    'used recovery codes': [
      'none works',
      async (ada) => [await giveRecoveryCodes(ada), await change('UPDATE recovery_codes SET used_at = 1')],
    ],
    'a passkey': ['second step', storePasskey],
    'a suspended passkey': [
      'none works',
      async (ada) => [await storePasskey(ada), await change('UPDATE passkeys SET suspended_at = 1')],
    ],
    'a passkey of a domain that the service has left': [
      'none works',
      async (ada) => [await storePasskey(ada), await change("UPDATE passkeys SET rp_id = 'old.test'")],
    ],
    'a removed passkey': [
      'enrolment',
      async (ada) => [await storePasskey(ada), await change('UPDATE passkeys SET removed_at = 1')],
    ],
  }

  test.each(Object.entries(states))(
    'M11 is answered alike at a sign-in, in a session and as an operator, with %s',
    async (_, [what, give]) => {
      const ada = await newPerson()
      await grant(ada, 'admin')
      await give(ada)
      await change('UPDATE users SET is_verified = 1, two_step_due_at = 1')
      const { body: first } = await post('/auth/login', { email: ada.email, password: PASSWORD })
      const atSignIn = first.enrolment_required ? 'enrolment' : first.mfa_required ? 'second step' : first.code
      const codes = {
        enrolment: ['enrolment', 'factor_enrolment_required', 'factor_enrolment_required'],
        'second step': ['second step', 'second_factor_required', 'step_up_required'],
        'none works': Array(3).fill('second_factor_required'),
      }[what]
      const token = { token: ada.accessToken }
      const stepUp = await post('/auth/step-up', { password: PASSWORD }, token)
      const asOperator = await ask(ada, '/stats')
      const changing = await post('/users/me/export', {}, token)
      expect([atSignIn, stepUp.body.code, changing.body.code]).toEqual(codes)
      expect(asOperator.body.code).toBe(changing.body.code)
    },
  )

  test('M1 is asked for nothing if it was suspended between the two waits of a sign-in', async () => {
    const ada = await newPerson()
    await giveTotp(ada)
    await turnOn(ada)
    const using = beforeBatch(2, () => change("UPDATE users SET status = 'suspended' WHERE id = ?", ada.id))
    const refused = await post('/auth/login', { email: ada.email, password: PASSWORD }, { env: using })
    expect([refused.status, refused.body.code]).toEqual([401, 'invalid_credentials'])
    expect(await events('user.second_factor_asked')).toEqual([])
  })

  test('M3 needs them from the due date on, to the millisecond', async () => {
    const now = Date.now()
    vi.setSystemTime(now)
    const ada = await newPerson()
    await change('UPDATE users SET two_step_due_at = ?', now + 1)
    await signIn(ada.email)
    vi.setSystemTime(now + 1)
    expect(isSignedIn(await post('/auth/login', { email: ada.email, password: PASSWORD }))).toBe(false)
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
      post('/auth/login', { email: ada.email, password: PASSWORD }, { env: using, app: appOfTestUsers }),
    )
    const opened = racing.filter(isSignedIn).length
    expect(await countOf('sessions')).toBe(then)
    expect(then).toBe(1 + opened)
  })

  test('M12 keeps needing them after a reset by mail, if its address was proven before', async () => {
    const [ada, box] = [await newPerson(), openMailbox()]
    await prove(ada)
    await turnOn(ada)
    await resetByMail(ada, box)
    expect((await row('SELECT two_step_at FROM users')).two_step_at).not.toBeNull()
    const first = await post('/auth/login', { email: ada.email, password: NEW_PASSWORD })
    expect([isSignedIn(first), first.body.enrolment_required]).toEqual([false, true])
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
      expect([isSignedIn(judged), guarded.status], `${twoStepAt} ${twoStepDueAt}`).toEqual(
        isNeeded ? [false, 401] : [true, 200],
      )
    }
  vi.useRealTimers()
})

async function resetByMail({ email }: Person, box: ReturnType<typeof openMailbox>): Promise<void> {
  await post('/auth/reset-password', { email }, { env: box.env })
  const token = tokenIn((await box.collect()).findLast(({ to }) => to === email))
  expect((await post('/auth/reset-password/confirm', { token, new_password: NEW_PASSWORD })).status).toBe(204)
}
