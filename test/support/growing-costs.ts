import { expect } from 'vitest'
import { purgeDueUsers } from '../../src/compliance/erasure/purge-due-users.ts'
import { MAX_SESSIONS } from '../../src/sessions/session-limits.ts'
import { get, newPerson, PASSWORD, type Person, post } from './api.ts'
import { type Costs, countCosts } from './costs.ts'
import { sealErasures } from './erasures.ts'
import { jobContext } from './job-context.ts'
import { insertEvents, insertSessions } from './many-users.ts'
import { plainApp as app } from './passwords.ts'
import { change, row } from './stores.ts'

/** What each operation costs a user with this many additional sessions and events. */
export async function costsWithHistory(size: number, address: string): Promise<Readonly<Record<Operation, Costs>>> {
  const { env, during } = countCosts()
  const options = { app, env, headers: { 'cf-connecting-ip': address } }
  const person = await newPerson({}, options)
  const now = Date.now()
  for (const insert of [insertSessions(now), insertEvents(now)]) await change(insert, 1, size, person.id)
  const measured: [string, Costs][] = []
  for (const [name, run] of Object.entries(operations(person, options))) {
    await leaveNewestAlive(person)
    measured.push([name, await during(run)])
  }
  return Object.fromEntries(measured) as Record<Operation, Costs>
}

export type Operation = keyof ReturnType<typeof operations>

/** In an order in which each operation is possible. */
function operations(person: Person, options: { readonly app: typeof app; readonly env: Env }) {
  const own =
    (path: string, method = 'GET', body?: object) =>
    async () =>
      expectSuccess(await get(path, person.accessToken, { ...options, method, ...(body && { body }) }))
  return {
    'registration of another': async () =>
      expectSuccess(
        await post('/auth/register', { email: `${crypto.randomUUID()}@example.com`, password: PASSWORD }, options),
      ),
    profile: own('/users/me'),
    'change of profile': own('/users/me', 'PATCH', { bio: 'Computes.' }),
    'check of a session': own('/auth/session'),
    'list of sessions': own('/users/me/sessions'),
    activity: own('/users/me/activity?limit=1'),
    refresh: async () => expectSuccess(await post('/auth/refresh', { refresh_token: person.refreshToken }, options)),
    'wrong password': async () => {
      const wrong = { email: person.email, password: 'not the password' }
      expect((await post('/auth/login', wrong, options)).status).toBe(401)
    },
    'sign-in': async () =>
      expectSuccess(await post('/auth/login', { email: person.email, password: PASSWORD }, options)),
    export: own('/users/me/export', 'POST'),
    'end of other sessions': own('/users/me/sessions', 'DELETE'),
    'change of password': own('/users/me/password', 'POST', {
      current_password: PASSWORD,
      new_password: 'quite another password',
    }),
    deletion: own('/users/me', 'DELETE'),
    purge: async () => {
      await change('UPDATE erasures SET due_at = 0 WHERE user_id = ?', person.id)
      await sealErasures()
      await purgeDueUsers(await jobContext(Date.now(), options.env), { maxPeople: 1, maxSlices: 1000 })
      await row('SELECT 1 FROM erasures WHERE user_id = ? AND completed_at > 0', person.id)
    },
  }
}

function expectSuccess({ status }: { readonly status: number }): void {
  if (status >= 300) throw new Error(`answered ${status}`)
}

/** As sign-ins would have left them: all sessions but the newest have ended. */
const leaveNewestAlive = ({ id }: Person) =>
  change(
    `UPDATE sessions SET security_epoch = (SELECT security_epoch FROM users WHERE id = ?1),
       revoked_at = iif(id IN (SELECT id FROM sessions WHERE user_id = ?1 ORDER BY last_used_at DESC LIMIT ?2), NULL, 1)
     WHERE user_id = ?1`,
    id,
    MAX_SESSIONS,
  )
