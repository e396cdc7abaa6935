import type { Tokens } from './api.ts'
import { isProblem, signedOutError } from './problem.ts'

/**
 * The session as the client stores it. In cookie mode it has no refresh token: the browser keeps that in a
 * cookie that scripts cannot read.
 */
export interface StoredSession {
  readonly accessToken: string
  /** Unix milliseconds, by the clock of this machine. */
  readonly expiresAtMs: number
  readonly refreshToken?: string | undefined
}

/**
 * Stores the session between starts of a program, and shares it between running programs. The tokens give
 * access to an account, so do not use `localStorage`.
 */
export interface SessionStore {
  load(): StoredSession | undefined | Promise<StoredSession | undefined>
  save(session: StoredSession | undefined): void | Promise<void>
}

/**
 * Numbers the sessions of this client. The number grows with every sign-in, every sign-out, and every change
 * to another session. A call belongs to one generation, so that a late answer cannot undo such a change.
 */
export type Generation = number

export type NewTokens = Omit<Tokens, 'refresh_expires_in'>

/** Refresh this long before the access token expires, because clocks differ and requests take time. */
const MARGIN_MS = 30_000

/** Manages the session of a client. @param refresh requests new tokens from the service */
export function keepSession(
  store: SessionStore | undefined,
  refresh: (refreshToken: string | undefined) => Promise<Tokens>,
) {
  let session: StoredSession | undefined
  let generation: Generation = 0
  let signOuts = 0
  let isLoaded = store === undefined
  // One refresh at a time: a refresh token works only once, and all waiting calls can use the same new access
  // token.
  let refreshing: { readonly generation: Generation; readonly token: Promise<string> } | undefined
  let last: Promise<unknown> = Promise.resolve()

  /**
   * Runs requests that change the session at the service one after the other. If two answers set the cookie,
   * the browser keeps the one that arrives last, which may belong to the earlier request.
   */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = last.then(work)
    last = turn.catch(() => undefined)
    return turn
  }

  async function current(): Promise<StoredSession | undefined> {
    if (isLoaded) return session
    const began = generation
    const stored = await store?.load()
    if (began === generation && !isLoaded) [session, isLoaded] = [stored, true]
    return session
  }

  async function keep(next: StoredSession | undefined): Promise<void> {
    ;[session, isLoaded] = [next, true]
    await store?.save(next)
  }

  /** Starts a new generation: earlier calls get no token any more, and answers to them are not stored. */
  function begin(next?: StoredSession): void {
    generation += 1
    session = next
  }

  /** @throws ProblemError `invalid_refresh_token` if the client signed in or out in the meantime */
  function assertSame(expected: Generation): void {
    if (expected !== generation) throw signedOutError()
  }

  /** Stores new tokens, unless their generation is over. @returns whether it stored them */
  async function take(tokens: NewTokens, expected: Generation): Promise<boolean> {
    if (expected !== generation) return false
    const refreshToken = tokens.refresh_token ?? session?.refreshToken
    const expiresAtMs = Date.now() + tokens.expires_in * 1000
    await keep({ accessToken: tokens.access_token, expiresAtMs, refreshToken })
    return expected === generation
  }

  /**
   * Signs in, in turn. The tokens become a new session, unless the client signed out after the sign-in was
   * called.
   */
  function signIn(ask: () => Promise<NewTokens | undefined>, discard: (tokens: NewTokens) => void): Promise<void> {
    const began = signOuts
    return inTurn(async () => {
      const tokens = await ask()
      if (tokens === undefined) return
      if (began !== signOuts) {
        discard(tokens)
        throw signedOutError()
      }
      begin()
      await take(tokens, generation)
    })
  }

  /** Signs out: at once for all calls, then in turn in the store and (by `end`) at the service. */
  function signOut(end: (refreshToken: string | undefined) => Promise<void>): Promise<void> {
    const known = session
    const wasLoaded = isLoaded
    signOuts += 1
    begin()
    isLoaded = true
    return inTurn(async () => {
      const stored = await store?.load()
      const ended = wasLoaded ? known : stored
      if (stored !== undefined && ended !== undefined && isSameSession(stored, ended)) await store?.save(undefined)
      await end(ended?.refreshToken)
    })
  }

  /**
   * Adopts what another program saved to the store: new tokens of the same session, or another session.
   */
  async function adoptStored(expected: Generation): Promise<void> {
    const stored = await store?.load()
    if (store === undefined || expected !== generation || stored?.refreshToken === session?.refreshToken) return
    if (stored !== undefined && session !== undefined && isSameSession(stored, session)) session = stored
    else begin(stored)
  }

  async function refreshNow(expected: Generation, refused: string | undefined): Promise<string> {
    await adoptStored(expected)
    assertSame(expected)
    const known = session
    // Another program refreshed the session in the meantime.
    if (known !== undefined && isFresh(known) && refused !== undefined && known.accessToken !== refused)
      return known.accessToken
    try {
      const tokens = await refresh(known?.refreshToken)
      // The browser's cookie may belong to another session by now. The caller must not continue as another
      // user without noticing.
      const isOther = known !== undefined && !isSameSession(known, { accessToken: tokens.access_token })
      if (isOther && expected === generation) begin()
      if (!(await take(tokens, expected))) throw signedOutError()
      return tokens.access_token
    } catch (error) {
      // Only an answer of the service ends the session. If the service does not answer, the session stays.
      if (isProblem(error, 'invalid_refresh_token')) await forget(known, expected)
      throw error
    }
  }

  /**
   * Forgets a session that the service rejected. A session that another program saved in the meantime stays.
   */
  async function forget(refused: StoredSession | undefined, expected: Generation): Promise<void> {
    if (expected !== generation) return
    const stored = await store?.load()
    if (expected !== generation) return
    if (stored?.refreshToken !== refused?.refreshToken) return begin(stored)
    begin()
    await keep(undefined)
  }

  /**
   * @param expected the generation that the call belongs to
   * @param refused the access token that the service rejected
   * @throws ProblemError `invalid_refresh_token` if there is no session, or it is another one by now
   */
  async function accessToken(expected: Generation, refused?: string): Promise<string> {
    const known = await current()
    assertSame(expected)
    if (known !== undefined && isFresh(known) && known.accessToken !== refused) return known.accessToken
    if (refreshing?.generation !== expected) {
      const token = inTurn(() => refreshNow(expected, refused))
      const mine = { generation: expected, token }
      refreshing = mine
      const done = () => {
        if (refreshing === mine) refreshing = undefined
      }
      token.then(done, done)
    }
    const token = await refreshing.token
    assertSame(expected)
    return token
  }

  return { current, take, signIn, signOut, inTurn, accessToken, generation: () => generation }
}

const isFresh = ({ expiresAtMs }: StoredSession): boolean => expiresAtMs - MARGIN_MS > Date.now()

const isSameSession = (one: Pick<StoredSession, 'accessToken'>, other: Pick<StoredSession, 'accessToken'>): boolean =>
  sessionIdOf(one) === sessionIdOf(other)

/**
 * The session id in an access token, without verifying the token; undefined if it is not a JWT.
 */
function sessionIdOf({ accessToken }: Pick<StoredSession, 'accessToken'>): string | undefined {
  try {
    const [, payload = ''] = accessToken.split('.')
    const claims: { readonly sid?: string } = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')))
    return claims.sid
  } catch {
    return undefined
  }
}
