import { type Operations, operations, type Tokens } from './api.ts'
import { type DeviceStore, keepDevice } from './device.ts'
import { isProblem, toProblemError } from './problem.ts'
import { type Generation, keepSession, type SessionStore } from './session.ts'

/** The request that the client sends: a subset of the standard `RequestInit`. */
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
  /** Stores the device token in token mode. In cookie mode the browser keeps it. */
  readonly deviceStore?: DeviceStore
  /** Replaces the global `fetch`, for example with a service binding's or in a test. */
  readonly fetch?: (url: URL, init: SentInit) => Promise<Response>
  /**
   * Called when an operation requires a recent sign-in, such as `downloadExport`. With the returned password,
   * the client steps up and sends the same request again. If it returns nothing, the call fails with
   * `step_up_required`.
   */
  readonly askPassword?: () => string | undefined | Promise<string | undefined>
}

type Name = keyof Operations
type Input<N extends Name> = Omit<Operations[N], 'answer'> & { readonly headers?: Readonly<Record<string, string>> }
/** The input is optional if none of its members is required. */
type Arguments<N extends Name> = Record<never, never> extends Input<N> ? [input?: Input<N>] : [input: Input<N>]

interface AnyInput {
  readonly body?: object
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly headers?: Readonly<Record<string, string>>
}

/** Operations that can start a session. */
const SIGN_INS: readonly string[] = ['login', 'restoreAccount', 'exchangeCode'] satisfies Name[]

/** Operations that return tokens, and therefore need `session_mode`. */
const WITH_MODE: readonly string[] = [...SIGN_INS, 'resetPassword' satisfies Name]

/**
 * Creates a client of the API. `call` calls any operation: it sends the access token, refreshes it in time,
 * and throws a `ProblemError` for every error of the service.
 */
export function createClient(options: ClientOptions) {
  const { origin, mode = 'token', store, deviceStore, fetch: send = fetch, askPassword } = options
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

  async function sendAuthorized(name: Name, input: AnyInput, expected: Generation): Promise<Response> {
    const token = await session.accessToken(expected)
    const response = await request(name, input, token)
    if (response.status !== 401) return response
    // Other codes of a 401, such as `invalid_credentials` and `step_up_required`, are final answers. For a
    // rejected token there may be a new one.
    const problem = await toProblemError(response.clone())
    if (problem.code !== 'invalid_access_token') return response
    return await request(name, input, await session.accessToken(expected, token))
  }

  /**
   * For operations with optional authentication. If the session has ended, the request is sent without a
   * token.
   */
  async function sendIfSignedIn(name: Name, input: AnyInput, expected: Generation): Promise<Response> {
    if ((await session.current()) === undefined) return await request(name, input)
    try {
      return await sendAuthorized(name, input, expected)
    } catch (error) {
      if (!isProblem(error, 'invalid_refresh_token')) throw error
      return await request(name, input)
    }
  }

  const senders = {
    true: sendAuthorized,
    optional: sendIfSignedIn,
    false: (name: Name, input: AnyInput) => request(name, input),
  }

  async function ask(name: Name, input: AnyInput, expected: Generation): Promise<unknown> {
    const sent = WITH_MODE.includes(name) ? { ...input, body: await addMode(name, input.body) } : input
    const answer = await read(await senders[`${operations[name][2]}`](name, sent, expected))
    // A refresh and a step-up return a new access token of the same session.
    if (isTokens(answer)) await session.inTurn(() => session.take(answer, expected))
    return answer
  }

  async function signIn(name: Name, input: AnyInput): Promise<unknown> {
    let answer: unknown
    await session.signIn(
      async () => {
        answer = await read(await request(name, { ...input, body: await addMode(name, input.body) }))
        return isTokens(answer) ? answer : undefined
      },
      (tokens) => tokens.refresh_token !== undefined && unwanted.push(tokens.refresh_token),
    )
    return answer
  }

  // Asks for the password once, even if several calls need it.
  let proving: Promise<boolean> | undefined
  async function prove(expected: Generation): Promise<boolean> {
    const password = await askPassword?.()
    if (password === undefined) return false
    await ask('stepUp', { body: { password } }, expected)
    return true
  }

  async function askRecently(name: Name, input: AnyInput, expected: Generation): Promise<unknown> {
    try {
      return await ask(name, input, expected)
    } catch (error) {
      if (askPassword === undefined || !isProblem(error, 'step_up_required')) throw error
      proving ??= prove(expected).finally(() => {
        proving = undefined
      })
      if (!(await proving)) throw error
      return await ask(name, input, expected)
    }
  }

  /** Calls an operation by its id. @throws ProblemError */
  async function call<N extends Name>(name: N, ...[input]: Arguments<N>): Promise<Operations[N]['answer']> {
    const given = (input ?? {}) as AnyInput
    const expected = session.generation()
    const answer = await (SIGN_INS.includes(name) ? signIn(name, given) : askRecently(name, given, expected))
    if (mode === 'token') await device.take(answer)
    return answer as Operations[N]['answer']
  }

  // Refresh tokens of sign-ins that were answered after a sign-out. They are ended at the service.
  const unwanted: string[] = []

  async function endAtService(refreshToken: string | undefined): Promise<void> {
    const tokens = [...(refreshToken === undefined ? [] : [refreshToken]), ...unwanted.splice(0)]
    if (mode === 'cookie') await read(await request('logout', { body: {} }))
    for (const token of tokens) await read(await request('logout', { body: { refresh_token: token } }))
  }

  const addMode = async (name: Name, body: object | undefined) => ({
    ...(name === 'login' && mode === 'token' && (await device.member())),
    ...body,
    session_mode: mode,
  })

  return {
    call,
    /** Whether the client has a session. In cookie mode this is known only after a refresh or sign-in. */
    isSignedIn: async (): Promise<boolean> => (await session.current()) !== undefined,
    /**
     * A valid access token, for calls to other services.
     * @throws ProblemError `invalid_refresh_token` if signed out
     */
    accessToken: (): Promise<string> => session.accessToken(session.generation()),
    /** Signs out: in this client at once, and at the service after pending requests are answered. */
    signOut: (): Promise<void> => session.signOut(endAtService),
  }
}

export type Client = ReturnType<typeof createClient>

/** @throws ProblemError for every answer that is not a success */
async function read(response: Response): Promise<unknown> {
  if (!response.ok) throw await toProblemError(response)
  const text = await response.text()
  return text === '' ? undefined : JSON.parse(text)
}

const isTokens = (answer: unknown): answer is Tokens =>
  typeof answer === 'object' && answer !== null && 'access_token' in answer && 'expires_in' in answer
