import { type Operations, operations, type Tokens } from './api.ts'
import { type DeviceStore, keepDevice } from './device.ts'
import { isProblem, toProblemError } from './problem.ts'
import { type Generation, keepSession, type SessionStore } from './session.ts'

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
  /**
   * Asked when an operation takes a recent sign-in, such as `downloadExport`: with the password, the client
   * steps up and sends the same request again. Without an answer the call ends with `step_up_required`.
   */
  readonly askPassword?: () => string | undefined | Promise<string | undefined>
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

/** Operations that may start a session. */
const SIGN_INS: readonly string[] = ['login', 'restoreAccount', 'exchangeCode'] satisfies Name[]

/** Operations that hand out tokens, and therefore have to know where these go. */
const WITH_MODE: readonly string[] = [...SIGN_INS, 'resetPassword' satisfies Name]

/**
 * A client of the API. `call` knows every operation; it sends the access token, gets a new one in time, and
 * throws a `ProblemError` for everything that the service refuses.
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
    // `invalid_credentials` and `step_up_required` are answers; a token that was refused may have a
    // successor.
    const problem = await toProblemError(response.clone())
    if (problem.code !== 'invalid_access_token') return response
    return await request(name, input, await session.accessToken(expected, token))
  }

  /** For what works without a session, and may do more with one: a session that has ended is none. */
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
    // Refreshing and stepping up answer with a new access token of the same session.
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

  // One question, however many calls need the answer.
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

  // Of sign-ins whose answers came after the sign-out.
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
    /** Whether there is a session to go on with; in cookie mode only a refresh can tell. */
    isSignedIn: async (): Promise<boolean> => (await session.current()) !== undefined,
    /**
     * A fresh access token, for calls to other services.
     * @throws ProblemError `invalid_refresh_token` when signed out
     */
    accessToken: (): Promise<string> => session.accessToken(session.generation()),
    /** Ends the session, here at once and there as soon as what is on its way has come back. */
    signOut: (): Promise<void> => session.signOut(endAtService),
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
