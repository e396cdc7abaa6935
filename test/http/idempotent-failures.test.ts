import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { routes } from '../../src/app/all-routes.ts'
import { type Answer, call, newPerson, PASSWORD, type Person, post } from '../support/api.ts'
import { failing } from '../support/intercept-stores.ts'
import { newAdmin } from '../support/operators.ts'
import { plainApp as app } from '../support/passwords.ts'
import { envWithKeys } from '../support/root-keys.ts'
import { change, rows } from '../support/stores.ts'

const KEY = { 'idempotency-key': 'a key of the client' }

type Send = (using: Env, headers?: Record<string, string>) => Promise<Answer>

/** A permitted request for every idempotent route. */
const requests: Readonly<Record<string, () => Promise<{ readonly send: Send; readonly person?: Person }>>> = {
  'POST /api/v1/auth/register': async () => ({
    send: (using, headers = {}) =>
      post('/auth/register', { email: 'ada@example.com', password: PASSWORD }, { app, env: using, headers }),
  }),
  'DELETE /api/v1/users/me': async () => sendAs(await newPerson({}, { app }), 'DELETE', '/api/v1/users/me'),
  'POST /api/v1/users/me/export': async () => sendAs(await newPerson({}, { app }), 'POST', '/api/v1/users/me/export'),
  'POST /api/v1/admin/erasures/run': async () =>
    sendAs(await newAdmin(), 'POST', '/api/v1/admin/erasures/run', { reason: 'maintenance' }),
}

const sendAs = (person: Person, method: string, path: string, body?: object) => ({
  person,
  send: ((using, headers = {}) =>
    call(path, { app, method, token: person.accessToken, env: using, headers, ...(body && { body }) })) satisfies Send,
})

const withSettings = (using: Env, settings: Record<string, string>): Env => ({ ...using, ...settings })

/** Failures, and what each does to the stores or the environment. */
const failures: Readonly<Record<string, (person: Person | undefined) => Promise<Env>>> = {
  'a root key was taken away too early': async () => envWithKeys([2]),
  'the vault does not answer': async () =>
    failing((name) => name.startsWith('VAULT.') || name.startsWith('KEY_CACHE.')),
  'the session has ended': async (person) => {
    if (person) await change('UPDATE sessions SET revoked_at = 1 WHERE user_id = ?', person.id)
    return env
  },
  'the key was destroyed': async (person) => {
    if (person) await env.VAULT.delete(`keys/${person.id}`)
    if (person) await env.KEY_CACHE.delete(`dek:${person.id}`)
    return { ...env }
  },
  'the database refuses the change': async () => {
    for (const table of ['users', 'exports', 'job_runs', 'erasures'])
      for (const kind of ['INSERT', 'UPDATE'])
        await change(
          `CREATE TRIGGER no_${kind}_${table} BEFORE ${kind} ON ${table} BEGIN SELECT RAISE(ABORT, 'no'); END`,
        )
    return env
  },
}

const visible = ({ status, body }: Answer) => [status, body.code]

describe.each(['public', 'private'])('with REGISTRATION_MODE=%s', (mode) => {
  const once = routes.filter(({ isIdempotent }) => isIdempotent).map(({ method, path }) => `${method} ${path}`)
  const cases = once.flatMap((name) => Object.keys(failures).map((failure) => [name, failure] as const))

  test.each(cases)(
    '%s fails with an Idempotency-Key as without when %s, and keeps no outcome',
    async (name, failure) => {
      const settings = { REGISTRATION_MODE: mode }
      // The service has users already, whose indexes were made with its root key.
      await newPerson({}, { app })
      const { send, person } = (await requests[name]?.()) ?? expect.unreachable(name)
      const broken = withSettings((await failures[failure]?.(person)) ?? env, settings)
      const plain = await send(broken)
      // Not every failure affects every route. A request that succeeded cannot be repeated.
      if (plain.status < 300) return
      expect(visible(await send(broken, KEY))).toEqual(visible(plain))
      expect(await rows('SELECT outcome FROM idempotency_keys WHERE outcome IS NOT NULL')).toEqual([])
    },
  )
})
