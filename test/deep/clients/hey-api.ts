import { createClient } from '../dist/hey-api/client/index.ts'
import {
  decideConsent,
  endOtherSessions,
  endSession,
  getMe,
  listSessions,
  login,
  logout,
  refresh,
  updateMe,
} from '../dist/hey-api/index.ts'
import { type Account, NOWHERE, need, run, type Walk } from './walk.ts'

async function walk(origin: string, { email, password }: Account): Promise<Walk> {
  const open = createClient({ baseUrl: origin })
  const wrong = await login({ client: open, body: { email, password: `${password}!` } })
  const other = await login({ client: open, body: { email, password } })
  need(other.data, 'second session')
  const { data: signIn } = await login({ client: open, body: { email, password } })
  if (signIn === undefined || 'restore_token' in signIn) throw new Error('not signed in')
  // The generator adds the token where the document requires one.
  const client = createClient({ baseUrl: origin, auth: () => signIn.access_token })

  const me = await getMe({ client })
  const etag = need(me.response?.headers.get('etag'), 'ETag')
  const change = { client, headers: { 'if-match': etag }, body: { bio: 'Computes.' } }
  const changed = await updateMe(change)
  const stale = await updateMe(change)
  const consent = await decideConsent({
    client,
    path: { document: 'terms' },
    body: { version: '1', decision: 'granted' },
  })
  const before = await listSessions({ client })
  const { response: ended } = await endOtherSessions({ client })
  if (ended?.status !== 204) throw new Error('the other sessions live on')
  const after = await listSessions({ client })
  const missing = await endSession({ client, path: { id: NOWHERE } })
  const refreshed = await refresh({ client, body: { refresh_token: need(signIn.refresh_token, 'refresh token') } })
  const { response: signedOut } = await logout({ client })
  const afterwards = await getMe({ client })

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
    signedOut: need(signedOut, 'answer').status,
    afterwards: need(afterwards.error, 'refusal').code,
  }
}

await run(walk)
