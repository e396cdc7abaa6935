import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { MAX_SESSIONS } from '../../src/sessions/session-limits.ts'
import { burst, get, newPerson, PASSWORD, type Person, post } from '../support/api.ts'
import { insertSessions } from '../support/many-users.ts'
import { plainApp as app } from '../support/passwords.ts'
import { SIZES } from '../support/sizes.ts'
import { change, countOf, events, rows } from '../support/stores.ts'

/** A sign-in counts as a failure until its password was compared, so a burst would meet the lockout. */
const patient = { ...env, SIGN_IN_MAX_FAILURES: '100' }
const signIn = ({ email }: Person) => post('/auth/login', { email, password: PASSWORD }, { app, env: patient })

/** A person with this many sessions besides the current one, last used a day ago. */
async function personWith(sessions: number): Promise<Person> {
  const person = await newPerson({}, { app })
  await change(insertSessions(Date.now()), 1, sessions, person.id)
  return person
}

const alive = async ({ id }: Person) =>
  (await rows('SELECT id FROM sessions WHERE user_id = ? AND revoked_at IS NULL ORDER BY last_used_at', id)).length

const ended = async () =>
  (await rows(`SELECT id FROM sessions WHERE revoke_reason = 'surplus' ORDER BY last_used_at`)).map(({ id }) => id)

describe('surplus sessions', () => {
  test('end after the sign-in: those used longest ago, with their tombstones and one event', async () => {
    const other = await newPerson({}, { app })
    const ada = await personWith(MAX_SESSIONS)
    const oldest = await rows('SELECT id FROM sessions WHERE user_id = ? ORDER BY last_used_at LIMIT 2', ada.id)
    expect((await signIn(ada)).status).toBe(200)
    expect(await ended()).toEqual(oldest.map(({ id }) => id))
    for (const { id } of oldest) expect(await env.SESSIONS.get(`revoked:${id}`)).toBe('1')
    expect(await events('session.surplus_ended')).toMatchObject([{ subject_id: ada.id, actor_type: 'system' }])
    const { body } = await get('/users/me/sessions', ada.accessToken)
    expect(body.sessions).toHaveLength(MAX_SESSIONS)
    expect((await get('/users/me', other.accessToken)).status).toBe(200)
  })

  test('are those that were never refreshed: a program that signs in every minute does not end a phone’s session', async () => {
    const ada = await newPerson({}, { app })
    await post('/auth/refresh', { refresh_token: ada.refreshToken })
    await change('UPDATE sessions SET last_used_at = last_used_at - 86400000')
    await change(insertSessions(Date.now()), 1, MAX_SESSIONS + 20, ada.id)
    await signIn(ada)
    expect(await ended()).toHaveLength(22)
    expect((await get('/users/me', ada.accessToken)).status).toBe(200)
  })

  test('are the idle ones first', async () => {
    const ada = await personWith(MAX_SESSIONS)
    const idle = await rows('SELECT id FROM sessions WHERE user_id = ? ORDER BY last_used_at DESC LIMIT 3', ada.id)
    for (const { id } of idle) await change('UPDATE sessions SET idle_expires_at = 1, generation = 1 WHERE id = ?', id)
    await signIn(ada)
    const gone = await ended()
    expect(gone).toHaveLength(2)
    expect(idle.map(({ id }) => id)).toEqual(expect.arrayContaining(gone))
  })

  test('do not exist up to the limit', async () => {
    const ada = await personWith(MAX_SESSIONS - 2)
    expect((await signIn(ada)).status).toBe(200)
    expect(await alive(ada)).toBe(MAX_SESSIONS)
    expect(await countOf(`audit_events WHERE action = 'session.surplus_ended'`)).toBe(0)
  })

  test('end at most a hundred for each sign-in, and the next one ends more', async () => {
    const ada = await personWith(MAX_SESSIONS + 150)
    await signIn(ada)
    expect(await ended()).toHaveLength(100)
    await signIn(ada)
    expect(await alive(ada)).toBe(MAX_SESSIONS)
  })

  test('do not fail the sign-in when ending them fails', async () => {
    const ada = await personWith(MAX_SESSIONS)
    await change(`CREATE TRIGGER spoil BEFORE UPDATE OF revoked_at ON sessions BEGIN SELECT raise(ABORT, 'no'); END`)
    expect((await signIn(ada)).status).toBe(200)
    await change('DROP TRIGGER spoil')
    expect(await alive(ada)).toBe(MAX_SESSIONS + 2)
    await signIn(ada)
    expect(await alive(ada)).toBe(MAX_SESSIONS)
  })

  test.each(SIZES)('of %i sign-ins at once: all are let in, and the limit holds', async (size) => {
    const ada = await personWith(MAX_SESSIONS - 1)
    const answers = await burst(size, () => signIn(ada))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(size)
    expect(await alive(ada)).toBe(MAX_SESSIONS)
    expect(await ended()).toHaveLength(size)
  })
})
