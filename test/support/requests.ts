import { userIdSchema } from '../../src/core/ids.ts'
import { mintOneTimeToken, type TokenPurpose } from '../../src/crypto/one-time-token.ts'
import { routes } from '../../src/http/app.ts'
import { sealTokenPayload } from '../../src/storage/database/one-time-tokens.ts'
import { sealSubject } from '../../src/storage/database/social-logins.ts'
import { type Call, call, PASSWORD, type Person } from './api.ts'
import { jobContext } from './job-context.ts'
import { s256 } from './social.ts'
import { change, row } from './stores.ts'

/** What a route may be asked with, so that it does its work. */
export interface Sample {
  readonly body?: unknown
  readonly query?: Readonly<Record<string, string>>
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
  'POST /api/v1/auth/step-up': () => ({ body: { password: PASSWORD } }),
  'POST /api/v1/auth/reset-password': ({ email }) => ({ body: { email } }),
  'POST /api/v1/auth/reset-password/confirm': () => ({
    prepare: async (person) => ({
      body: { token: await giveToken(person, 'reset'), new_password: 'another correct horse battery' },
    }),
  }),
  'POST /api/v1/auth/verify-email': () => ({
    prepare: async (person) => ({ body: { token: await giveToken(person, 'verify') } }),
  }),
  'POST /api/v1/auth/verify-email/resend': ({ email }) => ({ body: { email } }),
  'POST /api/v1/auth/undo-email': () => ({
    prepare: async (person) => ({ body: { token: await giveToken(person, 'undo', `old-${person.email}`) } }),
  }),
  'POST /api/v1/users/me/email': ({ email }) => ({ body: { new_email: `new-${email}` } }),
  'POST /api/v1/users/me/password': () => ({
    body: { current_password: PASSWORD, new_password: 'another correct horse battery' },
  }),
  'GET /api/v1/auth/oauth/:provider/start': () => ({
    params: { provider: 'github' },
    query: { redirect_uri: 'https://app.example/callback', code_challenge: 'x'.repeat(43) },
  }),
  // Without the browser that began it this is refused, whoever comes.
  'GET /api/v1/auth/oauth/:provider/callback': () => ({ params: { provider: 'github' } }),
  'POST /api/v1/auth/oauth/token': () => ({ prepare: async (person) => ({ body: await giveCode(person, 'sign-in') }) }),
  'GET /api/v1/users/me/identities': () => ({}),
  'POST /api/v1/users/me/identities/:provider/start': () => ({ params: { provider: 'github' } }),
  'POST /api/v1/users/me/identities': () => ({ prepare: async (person) => ({ body: await giveCode(person, 'link') }) }),
  'DELETE /api/v1/users/me/identities/:id': () => ({
    prepare: async (person) => ({ params: { id: await giveIdentity(person) } }),
  }),
  'GET /api/v1/users/me/sessions': () => ({}),
  'DELETE /api/v1/users/me/sessions': () => ({}),
  'DELETE /api/v1/users/me/sessions/:id': () => ({ prepare: findSession }),
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
function sampleOf(name: string): MakeSample {
  const sample = samples[name] ?? sampleOfKind(name)
  if (sample === undefined) throw new Error(`${name} has no sample request in test/support/requests.ts`)
  return sample
}

/** What some operators' changes take besides their reason, by the last part of their path. */
export const operatorBodies: Readonly<Record<string, (person: Pick<Person, 'email'>) => object>> = {
  'legal-hold': () => ({ action: 'place' }),
  roles: () => ({ roles: ['admin'] }),
  users: ({ email }) => ({ first_line: 1, users: [{ email: `imported-${email}` }] }),
}

/** Operators' routes are asked by somebody who is no admin, about somebody who may not be in the state they are for. */
function sampleOfKind(name: string): MakeSample | undefined {
  const [method = '', path = ''] = name.split(' ')
  if (path.startsWith('/api/v1/admin/')) {
    const more = operatorBodies[path.split('/').at(-1) ?? '']
    return (person) => ({
      params: { id: person.id, user_id: person.id },
      ...(method !== 'GET' && { body: { reason: 'support_case', ...more?.(person) } }),
    })
  }
  return /^\/(account\/|docs|openapi\.json|\.well-known\/change-password)/.test(path) ? () => ({}) : undefined
}

export interface PreparedRequest {
  readonly path: string
  readonly call: Call
}

/** Makes the sample request of a route for a person, ready to be sent. */
export async function prepareRequest(name: string, person: Person, using?: Env): Promise<PreparedRequest> {
  const [method = '', pattern = ''] = name.split(' ')
  const { prepare, ...sample } = sampleOf(name)(person)
  const { body, params = {}, query } = { ...sample, ...(await prepare?.(person, using)) }
  const withParams = pattern.replace(/:([a-z_]+)/g, (_, parameter: string) => params[parameter] ?? parameter)
  const path = query === undefined ? withParams : `${withParams}?${new URLSearchParams(query)}`
  const isPublic = routes.find((route) => route.method === method && route.path === pattern)?.access === 'public'
  return {
    path,
    call: { method, ...(body !== undefined && { body }), ...(!isPublic && { token: person.accessToken }) },
  }
}

async function deleteAccount(person: Person): Promise<Sample> {
  await call('/api/v1/users/me', { method: 'DELETE', token: person.accessToken })
  return { body: { token: await giveToken(person, 'restore') } }
}

async function requestExport(person: Person): Promise<Sample> {
  await call('/api/v1/users/me/export', { method: 'POST', token: person.accessToken })
  const { id } = await row('SELECT id FROM exports WHERE user_id = ? ORDER BY rowid DESC LIMIT 1', person.id)
  return { params: { id: String(id) } }
}

async function findSession(person: Person): Promise<Sample> {
  const { id } = await row('SELECT id FROM sessions WHERE user_id = ? LIMIT 1', person.id)
  return { params: { id: String(id) } }
}

/** A one-time token as a mail would bring it. @param email the address that it carries, if its purpose has one */
export async function giveToken(person: Person, purpose: TokenPurpose, email?: string): Promise<string> {
  const { ring, vault } = await jobContext()
  const id = crypto.randomUUID()
  const userId = userIdSchema.parse(person.id)
  const lookup = await vault.find(userId)
  const payload = email && lookup.kind === 'found' ? await sealTokenPayload(lookup.key, userId, email) : null
  await change(
    `INSERT INTO one_time_tokens (id, user_id, purpose, created_at, expires_at, payload_enc)
     VALUES (?, ?, ?, ?, ?, ?)`,
    id,
    person.id,
    purpose,
    Date.now(),
    Date.now() + 60_000,
    payload,
  )
  return mintOneTimeToken(ring, purpose, id)
}

interface GivenIdentity {
  readonly index?: string
  readonly subject?: string
}

/** An identity linked to a person. @returns its id */
export async function giveIdentity({ id: userId }: Pick<Person, 'id'>, { index, subject }: GivenIdentity = {}) {
  const id = crypto.randomUUID()
  await change(
    `INSERT INTO social_logins (id, user_id, provider, provider_id_index, provider_id_enc, linked_at)
     VALUES (?, ?, 'github', ?, ?, 1)`,
    id,
    userId,
    index ?? crypto.randomUUID(),
    await sealedSubject(userId, subject),
  )
  return id
}

/** The code at the end of a social sign-in, and its verifier. */
export async function giveCode(person: Person, purpose: 'sign-in' | 'link', subject?: string) {
  const { ring } = await jobContext()
  const [id, index, verifier] = [crypto.randomUUID(), crypto.randomUUID(), 'v'.repeat(43)]
  if (purpose === 'sign-in') await giveIdentity(person, { index })
  else await change('UPDATE users SET is_verified = 1 WHERE id = ?', person.id)
  await change(
    `INSERT INTO oauth_flows
       (id, user_id, session_id, provider, code_challenge, identity_indexes, provider_id_enc, created_at, expires_at,
        code_expires_at)
     VALUES (?1, ?2, (SELECT id FROM sessions WHERE user_id = ?2 AND revoked_at IS NULL ORDER BY created_at DESC),
       'github', ?3, ?4, ?5, 1, ?6, ?7)`,
    id,
    purpose === 'link' ? person.id : null,
    await s256(verifier),
    JSON.stringify([index]),
    purpose === 'link' ? await sealedSubject(person.id, subject) : null,
    ...[Date.now() + 60_000, Date.now() + 60_000],
  )
  return { code: await mintOneTimeToken(ring, 'code', id), code_verifier: verifier }
}

async function sealedSubject(userIdText: string, subject = 'subject-of-a-sample'): Promise<string> {
  const userId = userIdSchema.parse(userIdText)
  const lookup = await (await jobContext()).vault.find(userId)
  if (lookup.kind !== 'found') throw new Error('no key')
  return sealSubject(lookup.key, userId, subject)
}
