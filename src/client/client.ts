import { type Operations, operations, type Tokens } from './api.ts'
import { type DeviceStore, keepDevice } from './device.ts'
import { toProblemError } from './problem.ts'
import { keepSession, type SessionStore } from './session.ts'

/** What is sent: a part of what every `fetch` takes. */
export interface SentInit {
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: string
  readonly credentials?: 'include'
}

export interface ClientOptions {
  /** Origin of the service, such as `https://id.example.com`. */
  readonly origin: string
  /** `cookie` for a browser application whose origin is in `COOKIE_ORIGINS`; `token` for everything else. */
  readonly mode?: 'token' | 'cookie'
  readonly store?: SessionStore
  /** In token mode. In cookie mode the browser keeps the device token. */
  readonly deviceStore?: DeviceStore
  /** Instead of the global one: a service binding's, or a test's. */
  readonly fetch?: (url: URL, init: SentInit) => Promise<Response>
}

type Name = keyof Operations
type Input<N extends Name> = Omit<Operations[N], 'answer'> & { readonly headers?: Readonly<Record<string, string>> }
/** The input may be left out where nothing in it is required. */
type Arguments<N extends Name> = Record<never, never> extends Input<N> ? [input?: Input<N>] : [input: Input<N>]

interface AnyInput {
  readonly body?: object
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly headers?: Readonly<Record<string, string>>
}

/** Operations that hand out tokens, and therefore have to know where these go. */
const WITH_MODE: readonly string[] = ['login', 'restoreAccount', 'exchangeCode', 'resetPassword'] satisfies Name[]

/**
 * A client of the API. `call` knows every operation; it sends the access token, gets a new one in time, and throws a
 * `ProblemError` for everything that the service refuses.
 */
export function createClient({ origin, mode = 'token', store, deviceStore, fetch: send = fetch }: ClientOptions) {
  const device = keepDevice(deviceStore)
  const session = keepSession(store, async (refreshToken) => {
    const body = refreshToken === undefined ? {} : { refresh_token: refreshToken }
    return (await read(await request('refresh', { body }))) as Tokens
  })

  function request(name: Name, { body, params = {}, query = {}, headers }: AnyInput, token?: string) {
    const [method, path] = operations[name]
    const url = new URL(
      path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(params[key] ?? '')),
      origin,
    )
    for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, value)
    const isJson = body !== undefined
    const init: SentInit = {
      method,
      headers: {
        ...headers,
        ...(isJson && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(isJson && { body: JSON.stringify(body) }),
      ...(mode === 'cookie' && { credentials: 'include' }),
    }
    return send(url, init)
  }

  async function sendAuthorized(name: Name, input: AnyInput): Promise<Response> {
    const token = await session.accessToken()
    const response = await request(name, input, token)
    if (response.status !== 401) return response
    // `invalid_credentials` and `step_up_required` are answers; a token that was refused may have a successor.
    const problem = await toProblemError(response.clone())
    if (problem.code !== 'invalid_access_token') return response
    return await request(name, input, await session.accessToken(token))
  }

  /** Calls an operation by its id. @throws ProblemError */
  async function call<N extends Name>(name: N, ...[input]: Arguments<N>): Promise<Operations[N]['answer']> {
    const given = (input ?? {}) as AnyInput
    const sent = WITH_MODE.includes(name) ? { ...given, body: await addMode(name, given.body) } : given
    const answer = await read(operations[name][2] ? await sendAuthorized(name, sent) : await request(name, sent))
    // Signing in, refreshing and stepping up all answer with a new access token.
    if (isTokens(answer)) await session.take(answer)
    if (mode === 'token') await device.take(answer)
    return answer as Operations[N]['answer']
  }

  const addMode = async (name: Name, body: object | undefined) => ({
    ...(name === 'login' && mode === 'token' && (await device.member())),
    ...body,
    session_mode: mode,
  })

  return {
    call,
    /** Whether there is a session to go on with; in cookie mode only a refresh can tell. */
    isSignedIn: async (): Promise<boolean> => (await session.current()) !== undefined,
    /** A fresh access token, for calls to other services. @throws ProblemError `invalid_refresh_token` when signed out */
    accessToken: (): Promise<string> => session.accessToken(),
    /** Ends the session here and there. */
    async signOut(): Promise<void> {
      const known = await session.current()
      const body = known?.refreshToken === undefined ? {} : { refresh_token: known.refreshToken }
      await session.keep(undefined)
      if (mode === 'cookie' || known?.refreshToken !== undefined) await read(await request('logout', { body }))
    },
  }
}

export type Client = ReturnType<typeof createClient>

/** @throws ProblemError for anything but success */
async function read(response: Response): Promise<unknown> {
  if (!response.ok) throw await toProblemError(response)
  const text = await response.text()
  return text === '' ? undefined : JSON.parse(text)
}

const isTokens = (answer: unknown): answer is Tokens =>
  typeof answer === 'object' && answer !== null && 'access_token' in answer && 'expires_in' in answer
