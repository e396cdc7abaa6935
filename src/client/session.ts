import type { Tokens } from './api.ts'
import { isProblem } from './problem.ts'

/** What a client remembers. In cookie mode there is no refresh token: the browser keeps it, out of reach of script. */
export interface StoredSession {
  readonly accessToken: string
  /** Unix milliseconds by this machine's clock. */
  readonly expiresAtMs: number
  readonly refreshToken?: string | undefined
}

/** Where the session is kept between starts of a program. It holds keys to an account: not for `localStorage`. */
export interface SessionStore {
  load(): StoredSession | undefined | Promise<StoredSession | undefined>
  save(session: StoredSession | undefined): void | Promise<void>
}

/** Ask for a new token this long before the old one ends: clocks differ, and requests take their time. */
const MARGIN_MS = 30_000

/** Keeps a session alive. @param refresh asks the service for new tokens */
export function keepSession(
  store: SessionStore | undefined,
  refresh: (refreshToken: string | undefined) => Promise<Tokens>,
) {
  let session: StoredSession | undefined
  let isLoaded = store === undefined
  // One refresh at a time: the token is good for one use, and everyone who waits wants the same answer.
  let refreshing: Promise<string> | undefined

  async function current(): Promise<StoredSession | undefined> {
    if (!isLoaded) session = await store?.load()
    isLoaded = true
    return session
  }

  async function keep(next: StoredSession | undefined): Promise<void> {
    session = next
    isLoaded = true
    await store?.save(next)
  }

  async function take(tokens: Omit<Tokens, 'refresh_expires_in'>): Promise<string> {
    const refreshToken = tokens.refresh_token ?? session?.refreshToken
    const expiresAtMs = Date.now() + tokens.expires_in * 1000
    await keep({ accessToken: tokens.access_token, expiresAtMs, refreshToken })
    return tokens.access_token
  }

  async function refreshNow(): Promise<string> {
    try {
      return await take(await refresh((await current())?.refreshToken))
    } catch (error) {
      // Only the service ends a session. One that does not answer leaves it as it is.
      if (isProblem(error, 'invalid_refresh_token')) await keep(undefined)
      throw error
    }
  }

  /** @param refused the token that the service did not accept, if one was tried */
  async function accessToken(refused?: string): Promise<string> {
    const known = await current()
    const isFresh = known !== undefined && known.expiresAtMs - MARGIN_MS > Date.now()
    if (isFresh && known.accessToken !== refused) return known.accessToken
    refreshing ??= refreshNow().finally(() => {
      refreshing = undefined
    })
    return await refreshing
  }

  return { current, keep, take, accessToken }
}
