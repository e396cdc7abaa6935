import { Agent, type IncomingHttpHeaders, request } from 'node:http'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Request {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly token?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
}

/** A client with its own connections to one server. */
export interface HttpClient {
  send(request: Request): Promise<Answer>
  close(): void
}

const TIMEOUT_MS = 30_000

/**
 * An address in a network of its own for each account (RFC 5737), so that no rate limit of a network applies.
 */
export function addressOf(email: string): Readonly<Record<string, string>> {
  const [, number = '0'] = /(\d+)@/.exec(email) ?? []
  return { 'cf-connecting-ip': `198.51.100.${Number(number) % 250}` }
}

/** node:http instead of fetch, because an agent with this many sockets has exactly this many connections. */
export function createHttpClient(origin: string, connections: number): HttpClient {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  return {
    send: (call) => send(origin, agent, call),
    close: () => agent.destroy(),
  }
}

/** The body of the answer, when its status is the expected one. @throws Error that contains the answer */
export async function expectStatus(expected: number, pending: Promise<Answer>): Promise<string> {
  const { status, body } = await pending
  if (status !== expected) throw new Error(`${status} instead of ${expected}: ${body.slice(0, 300)}`)
  return body
}

function send(origin: string, agent: Agent, asked: Request): Promise<Answer> {
  const { method, path, body, token, headers } = asked
  const all = {
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...headers,
  }
  return new Promise((resolve, reject) => {
    const call = request(origin + path, { method, headers: all, agent, timeout: TIMEOUT_MS }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const { statusCode = 0, headers } = response
        resolve({ status: statusCode, headers, body: Buffer.concat(chunks).toString() })
      })
      response.on('error', reject)
    })
    call.on('timeout', () => call.destroy(new Error(`no answer in ${TIMEOUT_MS / 1000} s`)))
    call.on('error', (error: NodeJS.ErrnoException) => {
      // The server had just closed the kept connection, so it has not read the request.
      const wasClosed = call.reusedSocket && error.code === 'ECONNRESET'
      if (wasClosed && method === 'GET') send(origin, agent, asked).then(resolve, reject)
      else reject(error)
    })
    call.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
