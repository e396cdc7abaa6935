import { type Operations, operations, type Tokens } from './api.ts'
import { type DeviceStore, keepDevice } from './device.ts'
import { isProblem, type ProblemError, signedOutError, toProblemError } from './problem.ts'
import {
  type AskSecondFactor,
  askUntilAccepted,
  type EnrolmentAsked,
  EnrolmentRequiredError,
  isEnrolmentAsked,
  isSecondFactorAsked,
  type SecondFactor,
  type SecondFactorAsked,
  type SecondFactorPrompt,
  SecondFactorRequiredError,
} from './second-factor.ts'
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
  /**
   * Called when a sign-in or a step-up needs the second factor of the account, and again when the service has
   * rejected what it returned, five times at most. If it returns nothing, the call fails. Without it, such a
   * sign-in throws `SecondFactorRequiredError`.
   */
  readonly secondFactor?: AskSecondFactor
}

/** The id of an operation. */
export type Name = keyof Operations
type Input<N extends Name> = Omit<Operations[N], 'answer'> & { readonly headers?: Readonly<Record<string, string>> }
/** What `call` takes after the name. The input is optional if none of its members is required. */
export type Arguments<N extends Name> = Record<never, never> extends Input<N> ? [input?: Input<N>] : [input: Input<N>]

interface AnyInput {
  readonly body?: object
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly headers?: Readonly<Record<string, string>>
}

/** The operations that take `session_mode`. */
type WithMode = {
  [N in Name]: Operations[N] extends { body?: infer Body }
    ? 'session_mode' extends keyof NonNullable<Body>
      ? N
      : never
    : never
}[Name]

/** Whether an operation that takes `session_mode` can start a session. */
const opensSession: Readonly<Record<string, boolean | undefined>> = {
  login: true,
  restoreAccount: true,
  exchangeCode: true,
  proveSecondFactor: true,
  signInWithPasskey: true,
  signUpWithPasskey: true,
  confirmSignInCode: true,
  addFirstTotp: true,
  enrolPasskey: true,
  resetPassword: false,
} satisfies Record<WithMode, boolean>

type Route = readonly [method: string, path: string, isAuthorized: boolean | 'optional']

/** What `call` returns: an unfinished sign-in is finished by `secondFactor`, or thrown. */
export type Finished<N extends Name> = Exclude<Operations[N]['answer'], SecondFactorAsked | EnrolmentAsked>

/**
 * Creates a client of the API. `call` calls any operation: it sends the access token, refreshes it in time,
 * and throws a `ProblemError` for every error of the service.
 */
export function createClient(options: ClientOptions) {
  const { origin, mode = 'token', store, deviceStore, fetch: send = fetch, askPassword, secondFactor } = options
  const device = keepDevice(deviceStore)
  const session = keepSession(store, async (refreshToken) => {
    const body = refreshToken === undefined ? {} : { refresh_token: refreshToken }
    return (await read(await request(operations.refresh, { body }))) as Tokens
  })

  function request([method, path]: Route, { body, params = {}, query = {}, headers }: AnyInput, token?: string) {
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
    const response = await request(operations[name], input, token)
    if (response.status !== 401) return response
    // Other codes of a 401, such as `invalid_credentials` and `step_up_required`, are final answers. For a
    // rejected token there may be a new one.
    const problem = await toProblemError(response.clone())
    if (problem.code !== 'invalid_access_token') return response
    return await request(operations[name], input, await session.accessToken(expected, token))
  }

  /**
   * For operations with optional authentication. If the session has ended, the request is sent without a
   * token.
   */
  async function sendIfSignedIn(name: Name, input: AnyInput, expected: Generation): Promise<Response> {
    if ((await session.current()) === undefined) return await request(operations[name], input)
    try {
      return await sendAuthorized(name, input, expected)
    } catch (error) {
      if (!isProblem(error, 'invalid_refresh_token')) throw error
      return await request(operations[name], input)
    }
  }

  const senders = {
    true: sendAuthorized,
    optional: sendIfSignedIn,
    false: (name: Name, input: AnyInput) => request(operations[name], input),
  }

  async function ask(name: Name, input: AnyInput, expected: Generation): Promise<unknown> {
    const sent = opensSession[name] !== undefined ? { ...input, body: await addMode(name, input.body) } : input
    const answer = await read(await senders[`${operations[name][2]}`](name, sent, expected))
    // A refresh and a step-up return a new access token of the same session.
    if (isTokens(answer)) await session.inTurn(() => session.take(answer, expected))
    return answer
  }

  /** Sends a request that may start a session, in turn. */
  async function begin(route: Route, inputOf: () => Promise<AnyInput>): Promise<unknown> {
    let answer: unknown
    await session.signIn(
      async () => {
        answer = await read(await request(route, await inputOf()))
        return isTokens(answer) ? answer : undefined
      },
      (tokens) => tokens.refresh_token !== undefined && unwanted.push(tokens.refresh_token),
    )
    return answer
  }

  async function signIn(name: Name, input: AnyInput): Promise<unknown> {
    const began = session.signOuts()
    const answer = await begin(operations[name], async () => ({ ...input, body: await addMode(name, input.body) }))
    if (isEnrolmentAsked(answer)) throw new EnrolmentRequiredError(answer)
    return isSecondFactorAsked(answer) ? await finishSignIn(answer, began) : answer
  }

  /** The user is asked between two turns, so that other calls may refresh the session meanwhile. */
  async function finishSignIn(asked: SecondFactorAsked, began: number): Promise<unknown> {
    const { mfa_token, methods, public_key } = asked
    const prompt = { purpose: 'sign-in', methods, ...(public_key && { publicKey: public_key }) } as const
    const prove = (factor: SecondFactor) => {
      if (began !== session.signOuts()) throw signedOutError()
      return begin(operations.proveSecondFactor, async () => ({ body: { mfa_token, ...factor, session_mode: mode } }))
    }
    const answer = secondFactor && (await askUntilAccepted(secondFactor, prompt, prove))
    if (answer === undefined) throw new SecondFactorRequiredError(asked)
    return answer
  }

  // Asks for a proof once, even if several calls need it.
  let proving: Promise<boolean> | undefined
  async function prove(expected: Generation, { neededLevel = 'aal1' }: ProblemError): Promise<boolean> {
    if (secondFactor !== undefined && needsTwoFactors(neededLevel)) return await proveByFactor(secondFactor, expected)
    const password = await askPassword?.()
    if (password === undefined) return false
    try {
      await ask('stepUp', { body: { password } }, expected)
      return true
    } catch (error) {
      if (secondFactor === undefined || !isProblem(error, 'second_factor_required')) throw error
      return await proveByFactor(secondFactor, expected)
    }
  }

  async function proveByFactor(askFactor: AskSecondFactor, expected: Generation): Promise<boolean> {
    let pending: ReturnType<typeof offerPasskeys> | undefined
    const askWithPasskeys = async ({ rejected }: SecondFactorPrompt) => {
      pending ??= offerPasskeys(expected)
      const offer = await pending
      const prompt = { purpose: 'step-up', rejected } as const
      return askFactor(
        offer === undefined
          ? { ...prompt, methods: ['totp'] }
          : { ...prompt, methods: ['passkey', 'totp'], publicKey: offer.public_key },
      )
    }
    const stepUp = async (factor: SecondFactor) => {
      if (!('credential' in factor)) return await ask('stepUp', { body: factor }, expected)
      const offer = await pending
      // The options are for one answer.
      pending = undefined
      return await ask('stepUp', { body: { ...factor, ticket: offer?.ticket } }, expected)
    }
    return (await askUntilAccepted(askWithPasskeys, { purpose: 'step-up', methods: [] }, stepUp)) !== undefined
  }

  /** Undefined if the account or the service has no passkeys. */
  async function offerPasskeys(expected: Generation) {
    try {
      return (await ask('offerPasskeyStepUp', {}, expected)) as Operations['offerPasskeyStepUp']['answer']
    } catch (error) {
      if (isProblem(error, 'no_factor') || isProblem(error, 'misconfigured')) return undefined
      throw error
    }
  }

  async function askRecently(name: Name, input: AnyInput, expected: Generation): Promise<unknown> {
    try {
      return await ask(name, input, expected)
    } catch (error) {
      if (!isProblem(error, 'step_up_required')) throw error
      proving ??= prove(expected, error).finally(() => {
        proving = undefined
      })
      if (!(await proving)) throw error
      return await ask(name, input, expected)
    }
  }

  /** Calls an operation by its id. @throws ProblemError */
  async function call<N extends Name>(name: N, ...[input]: Arguments<N>): Promise<Finished<N>> {
    const given = (input ?? {}) as AnyInput
    const expected = session.generation()
    const answer = await (opensSession[name] ? signIn(name, given) : askRecently(name, given, expected))
    if (mode === 'token') await device.take(answer)
    return answer as Finished<N>
  }

  // Refresh tokens of sign-ins that were answered after a sign-out. They are ended at the service.
  const unwanted: string[] = []

  async function endAtService(refreshToken: string | undefined): Promise<void> {
    const tokens = [...(refreshToken === undefined ? [] : [refreshToken]), ...unwanted.splice(0)]
    if (mode === 'cookie') await read(await request(operations.logout, { body: {} }))
    for (const token of tokens) await read(await request(operations.logout, { body: { refresh_token: token } }))
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
  if (response.headers.get('content-type')?.startsWith('text/plain')) return text
  return text === '' ? undefined : JSON.parse(text)
}

const needsTwoFactors = (level: string): boolean => level !== 'aal0' && level !== 'aal1'

const isTokens = (answer: unknown): answer is Tokens =>
  typeof answer === 'object' && answer !== null && 'access_token' in answer && 'expires_in' in answer
