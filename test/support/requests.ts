import { mintOneTimeToken } from '../../src/crypto/one-time-token.ts'
import { routes } from '../../src/http/app.ts'
import { type Answer, type Call, call, PASSWORD, type Person } from './api.ts'
import { jobContext } from './job-context.ts'
import { change, row } from './stores.ts'

/** What a route may be asked with, so that it does its work. */
export interface Sample {
  readonly body?: unknown
  /** In place of the parameters of the path. */
  readonly params?: Readonly<Record<string, string>>
  /** Brings the person into the state that the route is for. */
  readonly prepare?: (person: Person, using?: Env) => Promise<Omit<Sample, 'prepare'>>
}

type MakeSample = (person: Person) => Sample

let counter = 0

/** One acceptable request for every route; a test fails when a route has none. */
const samples: Readonly<Record<string, MakeSample>> = {
  'POST /api/v1/auth/register': () => ({ body: { email: `sample${++counter}@example.com`, password: PASSWORD } }),
  'POST /api/v1/auth/login': ({ email }) => ({ body: { email, password: PASSWORD } }),
  'POST /api/v1/auth/refresh': ({ refreshToken }) => ({ body: { refresh_token: refreshToken } }),
  'POST /api/v1/auth/logout': ({ refreshToken }) => ({ body: { refresh_token: refreshToken } }),
  'POST /api/v1/auth/restore': () => ({ prepare: deleteAccount }),
  'GET /api/v1/auth/session': () => ({}),
  'GET /api/v1/users/me': () => ({}),
  'DELETE /api/v1/users/me': () => ({}),
  'PUT /api/v1/users/me': () => ({ body: { bio: 'Computes.' } }),
  'PATCH /api/v1/users/me': () => ({ body: { full_name: 'Ada' } }),
  'GET /api/v1/users/me/activity': () => ({}),
  'GET /api/v1/users/me/consents': () => ({}),
  'PUT /api/v1/users/me/consents/:document': () => ({
    params: { document: 'terms' },
    body: { version: '1', decision: 'granted' },
  }),
  'POST /api/v1/users/me/export': () => ({}),
  'GET /api/v1/users/me/export/:id': () => ({ prepare: requestExport }),
  'GET /api/v1/users/me/export/:id/download': () => ({ prepare: requestExport }),
  'GET /.well-known/jwks.json': () => ({}),
  'GET /.well-known/audit-checkpoint': () => ({}),
  'GET /.well-known/openid-configuration': () => ({}),
  'GET /readyz': () => ({}),
}

export type RouteName = `${string} ${string}`

/** `POST /api/v1/auth/login`, for every route. */
export const routeNames = routes.map(({ method, path }): RouteName => `${method} ${path}`)

/** The sample of a route. @throws Error when somebody added a route without one */
export function sampleOf(name: string): MakeSample {
  const sample = samples[name]
  if (sample === undefined) throw new Error(`${name} has no sample request in test/support/requests.ts`)
  return sample
}

export interface PreparedRequest {
  readonly path: string
  readonly call: Call
}

/** Makes the sample request of a route for a person, ready to be sent. */
export async function prepareRequest(name: string, person: Person, using?: Env): Promise<PreparedRequest> {
  const [method = '', pattern = ''] = name.split(' ')
  const { prepare, ...sample } = sampleOf(name)(person)
  const { body, params = {} } = { ...sample, ...(await prepare?.(person, using)) }
  const path = pattern.replace(/:([a-z_]+)/g, (_, parameter: string) => params[parameter] ?? parameter)
  const isPublic = routes.find((route) => route.method === method && route.path === pattern)?.access === 'public'
  return {
    path,
    call: { method, ...(body !== undefined && { body }), ...(!isPublic && { token: person.accessToken }) },
  }
}

/** Sends the sample request of a route for a person. */
export async function sendSample(name: string, person: Person, options: Call = {}): Promise<Answer> {
  const prepared = await prepareRequest(name, person)
  return call(prepared.path, { ...prepared.call, ...options })
}

async function deleteAccount(person: Person): Promise<Sample> {
  await call('/api/v1/users/me', { method: 'DELETE', token: person.accessToken })
  const id = crypto.randomUUID()
  await change(
    `INSERT INTO one_time_tokens (id, user_id, purpose, created_at, expires_at)
     VALUES (?, ?, 'restore', ?, ?)`,
    id,
    person.id,
    Date.now(),
    Date.now() + 60_000,
  )
  const { ring } = await jobContext()
  return { body: { token: await mintOneTimeToken(ring, 'restore', id) } }
}

async function requestExport(person: Person): Promise<Sample> {
  await call('/api/v1/users/me/export', { method: 'POST', token: person.accessToken })
  const { id } = await row('SELECT id FROM exports WHERE user_id = ?', person.id)
  return { params: { id: String(id) } }
}
