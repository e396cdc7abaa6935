import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import worker from '../../src/index.ts'
import { assertDocumented } from './documented.ts'
import { appOfTestUsers } from './passwords.ts'
import { prove } from './stores.ts'

export const ORIGIN = 'https://latchkey.test'
export const PASSWORD = 'correct horse battery staple'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  readonly body: any
}

export interface Call {
  readonly method?: string
  readonly body?: unknown
  readonly token?: string | undefined
  readonly headers?: Record<string, string>
  readonly env?: Env
  /** A request that is sent unchanged, instead of one built from path, method, body, token and headers. */
  readonly request?: Request
  /** An application of other parts, instead of the Worker itself. */
  readonly app?: { readonly fetch: (request: Request, env: Env, ctx: ExecutionContext) => Response | Promise<Response> }
  /** Called when the answer is ready, before the work behind it has finished. */
  readonly onResponse?: () => void
}

/** Sends one request to the Worker and waits until the work after the answer has finished. */
export async function call(path: string, options: Call = {}): Promise<Answer> {
  const request = options.request ?? toRequest(path, options)
  const ctx = createExecutionContext()
  const response = await (options.app ?? worker).fetch(request, options.env ?? env, ctx)
  options.onResponse?.()
  const bytes = new Uint8Array(await response.arrayBuffer())
  await waitOnExecutionContext(ctx)
  const type = response.headers.get('content-type')
  const text = new TextDecoder().decode(bytes)
  const answer = {
    status: response.status,
    headers: response.headers,
    body: type === 'application/octet-stream' ? bytes : type?.includes('json') && text !== '' ? JSON.parse(text) : text,
  }
  if (options.app === undefined || options.app === appOfTestUsers) assertDocumented(request, answer)
  return answer
}

function toRequest(path: string, { method, body, token, headers }: Call): Request {
  const verb = method ?? (body === undefined ? 'GET' : 'POST')
  const init: RequestInit = { method: verb, headers: { 'cf-connecting-ip': '203.0.113.7', ...headers } }
  const request = new Request(path.startsWith('http') ? path : ORIGIN + path, {
    ...init,
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  if (body !== undefined && !headers?.['content-type']) request.headers.set('content-type', 'application/json')
  if (token !== undefined) request.headers.set('authorization', `Bearer ${token}`)
  return request
}

export const post = (path: string, body: unknown, options: Call = {}) => call(`/api/v1${path}`, { ...options, body })
export const get = (path: string, token?: string, options: Call = {}) => call(`/api/v1${path}`, { ...options, token })

export interface Person {
  readonly id: string
  readonly email: string
  readonly accessToken: string
  readonly refreshToken: string
}

/** Sends `size` requests together. @returns their answers */
export const burst = (size: number, send: (index: number) => Promise<Answer>): Promise<Answer[]> =>
  Promise.all(Array.from({ length: size }, (_, index) => send(index)))

/** Counts the answers by status. */
export function statuses(answers: readonly Answer[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

let counter = 0

/** Registers and signs in a new user, with the password and the kind of hash of all test users. */
export async function newPerson(extra: Record<string, unknown> = {}, given: Call = {}): Promise<Person> {
  const options = { app: appOfTestUsers, ...given }
  const email = `person${++counter}@example.com`
  const registered = await post('/auth/register', { email, password: PASSWORD, ...extra }, options)
  if (registered.status !== 201) throw new Error(`registration answered ${registered.status}`)
  return { id: registered.body.id, email, ...(await signIn(email, PASSWORD, options)) }
}

/** The same for a user who has proven the address, which adding a factor needs. */
export async function newProvenPerson(extra: Record<string, unknown> = {}, given: Call = {}): Promise<Person> {
  const person = await newPerson(extra, given)
  await prove(person)
  return person
}

export async function signIn(email: string, password = PASSWORD, options: Call = {}) {
  const { status, body } = await post('/auth/login', { email, password }, options)
  if (status !== 200) throw new Error(`sign-in answered ${status}`)
  return { accessToken: body.access_token as string, refreshToken: body.refresh_token as string }
}
