import createClient from 'openapi-fetch'
import type { paths } from '../dist/openapi-typescript/schema.ts'
import { type Account, NOWHERE, need, run, type Walk } from './walk.ts'

async function walk(origin: string, { email, password }: Account): Promise<Walk> {
  const client = createClient<paths>({ baseUrl: origin })
  const wrong = await client.POST('/api/v1/auth/login', { body: { email, password: `${password}!` } })
  const other = await client.POST('/api/v1/auth/login', { body: { email, password } })
  need(other.data, 'second session')
  const { data: signIn } = await client.POST('/api/v1/auth/login', { body: { email, password } })
  if (signIn === undefined || 'restore_token' in signIn) throw new Error('not signed in')
  const authorization = `Bearer ${signIn.access_token}`
  client.use({
    onRequest({ request }) {
      request.headers.set('authorization', authorization)
      return request
    },
  })

  const me = await client.GET('/api/v1/users/me')
  const etag = need(me.response.headers.get('etag'), 'ETag')
  const change = { params: { header: { 'if-match': etag } }, body: { bio: 'Computes.' } }
  const changed = await client.PATCH('/api/v1/users/me', change)
  const stale = await client.PATCH('/api/v1/users/me', change)
  const consent = await client.PUT('/api/v1/users/me/consents/{document}', {
    params: { path: { document: 'terms' } },
    body: { version: '1', decision: 'granted' },
  })
  const before = await client.GET('/api/v1/users/me/sessions')
  const { response: ended } = await client.DELETE('/api/v1/users/me/sessions')
  if (ended.status !== 204) throw new Error('the other sessions live on')
  const after = await client.GET('/api/v1/users/me/sessions')
  const missing = await client.DELETE('/api/v1/users/me/sessions/{id}', { params: { path: { id: NOWHERE } } })
  const refreshed = await client.POST('/api/v1/auth/refresh', {
    body: { refresh_token: need(signIn.refresh_token, 'refresh token') },
  })
  const { response: signedOut } = await client.POST('/api/v1/auth/logout')
  const afterwards = await client.GET('/api/v1/users/me')

  return {
    wrongPassword: need(wrong.error, 'refusal').code,
    bio: need(me.data, 'user').profile.bio,
    changedBio: need(changed.data, 'change').profile.bio,
    stale: need(stale.error, 'refusal').code,
    decided: need(consent.data, 'consent').decision,
    sessionsBefore: need(before.data, 'sessions').sessions.length,
    sessionsAfter: need(after.data, 'sessions').sessions.length,
    missing: need(missing.error, 'refusal').code,
    refreshed: need(refreshed.data, 'tokens').access_token !== signIn.access_token,
    signedOut: signedOut.status,
    afterwards: need(afterwards.error, 'refusal').code,
  }
}

await run(walk)
