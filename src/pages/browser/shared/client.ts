import { type Arguments, createClient, type Finished, type Name, type SentInit } from '../../../client/client.ts'
import { isProblem } from '../../../client/problem.ts'
import { forgetSession, noteSession } from './session.ts'
import { track } from './slow.ts'
import { askStepUp } from './step-up.ts'
import { noteUsedCode } from './used-code.tsx'

const TIMEOUT_MS = 30_000
/** Tabs of a browser share the session cookie, so only one of them refreshes it at a time. */
const REFRESH_LOCK = 'latchkey-refresh'

const client = createClient({ origin: location.origin, mode: 'cookie', fetch: send })

/** A client for a session that this browser must not have. It sends no cookie, and leaves none. */
export const strangerClient = () =>
  createClient({ origin: location.origin, fetch: (url, init) => send(url, { ...init, credentials: 'omit' }) })

function send(url: URL, init: SentInit | RequestInit): Promise<Response> {
  const fetchNow = () => fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) })
  return track(url.pathname.endsWith('/auth/refresh') ? navigator.locks.request(REFRESH_LOCK, fetchNow) : fetchNow())
}

/**
 * Calls an operation. When it needs a recent sign-in, the page asks for a proof in place and then sends the
 * same request again, so nothing that was typed is lost.
 * @throws ProblemError, or `TypeError` and `TimeoutError` without an answer
 */
export async function call<N extends Name>(name: N, ...input: Arguments<N>): Promise<Finished<N>> {
  try {
    const answer = await client.call(name, ...input)
    if (await client.isSignedIn()) noteSession()
    noteUsedCode(answer)
    return answer
  } catch (error) {
    if (isProblem(error, 'invalid_refresh_token', 'invalid_access_token')) forgetSession()
    if (!isProblem(error, 'step_up_required') || !(await askStepUp(error.neededLevel))) throw error
    return call(name, ...input)
  }
}

/** As `call`, without asking the person for anything. @throws like `call` */
export const callQuietly: typeof client.call = (name, ...input) => client.call(name, ...input)

/** Whether the browser has a session. The service knows: scripts cannot read the cookie. */
export async function findSession(): Promise<boolean> {
  try {
    await client.accessToken()
    noteSession()
    return true
  } catch (error) {
    if (!isProblem(error, 'invalid_refresh_token')) throw error
    forgetSession()
    return false
  }
}

/**
 * Ends the session at the service, here and in other tabs. Nothing of it is left to go back to.
 * @throws like `call`: then the browser still has the cookie, and the page must not look signed out
 */
export async function signOut(): Promise<void> {
  await client.signOut()
  forgetSession('everywhere')
}
