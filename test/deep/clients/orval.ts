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
} from '../dist/orval/api.ts'
import { type Account, NOWHERE, need, run, type Walk } from './walk.ts'

// The origin is in the generated code.
async function walk(_: string, { email, password }: Account): Promise<Walk> {
  const wrong = await login({ email, password: `${password}!` })
  const other = await login({ email, password })
  if (other.status !== 200) throw new Error('no second session')
  const { status, data: signIn } = await login({ email, password })
  if (status !== 200 || 'restore_token' in signIn) throw new Error('not signed in')
  const options = { headers: { authorization: `Bearer ${signIn.access_token}` } }

  const me = await getMe(undefined, options)
  if (me.status !== 200) throw new Error('no user')
  const version = { 'if-match': need(me.headers.get('etag'), 'ETag') }
  const changed = await updateMe({ bio: 'Computes.' }, version, options)
  if (changed.status !== 200) throw new Error('no change')
  const stale = await updateMe({ bio: 'Computes.' }, version, options)
  const consent = await decideConsent('terms', { version: '1', decision: 'granted' }, options)
  if (consent.status !== 200) throw new Error('no consent')
  const before = await listSessions(options)
  const ended = await endOtherSessions(options)
  if (ended.status !== 204) throw new Error('the other sessions live on')
  const after = await listSessions(options)
  if (before.status !== 200 || after.status !== 200) throw new Error('no sessions')
  const missing = await endSession(NOWHERE, options)
  const refreshed = await refresh({ refresh_token: need(signIn.refresh_token, 'refresh token') })
  if (refreshed.status !== 200) throw new Error('no tokens')
  const signedOut = await logout(undefined, options)
  const afterwards = await getMe(undefined, options)

  return {
    wrongPassword: wrong.status === 401 ? wrong.data.code : unexpected(wrong),
    bio: me.data.profile.bio,
    changedBio: changed.data.profile.bio,
    stale: stale.status === 412 ? stale.data.code : unexpected(stale),
    decided: consent.data.decision,
    sessionsBefore: before.data.sessions.length,
    sessionsAfter: after.data.sessions.length,
    missing: missing.status === 404 ? missing.data.code : unexpected(missing),
    refreshed: refreshed.data.access_token !== signIn.access_token,
    signedOut: signedOut.status,
    afterwards: afterwards.status === 401 ? afterwards.data.code : unexpected(afterwards),
  }
}

const unexpected = (answer: { readonly status: number }): never => {
  throw new Error(`not expected: ${answer.status}`)
}

await run(walk)
