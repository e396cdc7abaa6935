import type { Tokens } from './api.ts'
import { isProblem, signedOutError } from './problem.ts'

/**
 * What a client remembers. In cookie mode there is no refresh token: the browser keeps it, out of reach of
 * script.
 */
export interface StoredSession {
  readonly accessToken: string
  /** Unix milliseconds by this machine's clock. */
  readonly expiresAtMs: number
  readonly refreshToken?: string | undefined
}

/**
 * Where the session is kept between starts of a program, and shared by several that run. It holds keys to an
 * account: not for `localStorage`.
 */
export interface SessionStore {
  load(): StoredSession | undefined | Promise<StoredSession | undefined>
  save(session: StoredSession | undefined): void | Promise<void>
}

/**
 * Which session a call belongs to. The number grows with every sign-in, every sign-out and every session that
 * turns out to be another one, so that an answer that comes late cannot undo them.
 */
export type Generation = number

export type NewTokens = Omit<Tokens, 'refresh_expires_in'>

/** Ask for a new token this long before the old one ends: clocks differ, and requests take their time. */
const MARGIN_MS = 30_000

/** Keeps a session alive. @param refresh asks the service for new tokens */
export function keepSession(
  store: SessionStore | undefined,
  refresh: (refreshToken: string | undefined) => Promise<Tokens>,
) {
  let session: StoredSession | undefined
  let generation: Generation = 0
  let signOuts = 0
  let isLoaded = store === undefined
  // One refresh at a time: the token is good for one use, and everyone who waits wants the same answer.
  let refreshing: { readonly generation: Generation; readonly token: Promise<string> } | undefined
  let last: Promise<unknown> = Promise.resolve()

  /**
   * Whatever changes the session at the service goes one after the other: of two answers that set the cookie,
   * the browser keeps the one that comes last, whatever was asked first.
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

  /** From here on no call of before gets a token, and no answer of before is kept. */
  function begin(next?: StoredSession): void {
    generation += 1
    session = next
  }

  /** @throws ProblemError `invalid_refresh_token` when somebody has signed in or out meanwhile */
  function assertSame(expected: Generation): void {
    if (expected !== generation) throw signedOutError()
  }

  /** Keeps new tokens, unless the session they belong to is over here. @returns whether it does */
  async function take(tokens: NewTokens, expected: Generation): Promise<boolean> {
    if (expected !== generation) return false
    const refreshToken = tokens.refresh_token ?? session?.refreshToken
    const expiresAtMs = Date.now() + tokens.expires_in * 1000
    await keep({ accessToken: tokens.access_token, expiresAtMs, refreshToken })
    return expected === generation
  }

  /**
   * Signs in, in turn: the tokens are kept as a new session, unless somebody has signed out since it was
   * asked for.
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

  /** Signs out: at once for every call, then in turn in the store and, by `end`, at the service. */
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
   * Takes over what another program has put into the store: its refresh of the same session, or another
   * session.
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
    // Another program has refreshed in the meantime.
    if (known !== undefined && isFresh(known) && refused !== undefined && known.accessToken !== refused)
      return known.accessToken
    try {
      const tokens = await refresh(known?.refreshToken)
      // The browser's cookie may be another session's by now: the caller must not go on as another person
      // unawares.
      const isOther = known !== undefined && !isSameSession(known, { accessToken: tokens.access_token })
      if (isOther && expected === generation) begin()
      if (!(await take(tokens, expected))) throw signedOutError()
      return tokens.access_token
    } catch (error) {
      // Only the service ends a session. One that does not answer leaves it as it is.
      if (isProblem(error, 'invalid_refresh_token')) await forget(known, expected)
      throw error
    }
  }

  /** After the service has refused: another program's session is left alone. */
  async function forget(refused: StoredSession | undefined, expected: Generation): Promise<void> {
    if (expected !== generation) return
    const stored = await store?.load()
    if (expected !== generation) return
    if (stored?.refreshToken !== refused?.refreshToken) return begin(stored)
    begin()
    await keep(undefined)
  }

  /**
   * @param expected the sign-in that the call belongs to
   * @param refused the token that the service did not accept
   * @throws ProblemError `invalid_refresh_token` when there is no session, or it is another one by now
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
 * The session that an access token belongs to, read and not verified; undefined for a token of another form.
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
