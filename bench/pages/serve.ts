import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import { gzipSync } from 'node:zlib'
import { request } from 'undici'
import type { SentFile } from './build.ts'
import { makeCertificate } from './certificate.ts'

/** Answers of a back end as JSON, by method and path with query. */
export type Answers = Readonly<Record<string, unknown>>

interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: Buffer
}

type Find = (incoming: Http2ServerRequest) => Promise<Reply> | Reply

interface PageServer extends AsyncDisposable {
  readonly origin: string
  /** Sends these replies from now on. */
  replyWith(find: Find): void
}

const NOTHING: Reply = { status: 404, headers: {}, body: Buffer.alloc(0) }

/**
 * Starts the server of one contender on this machine, with HTTP/2 as Cloudflare has it. All contenders are
 * served by the same code from memory, so that a figure is one of the page and not of its back end.
 */
export async function startPageServer(): Promise<PageServer> {
  let find: Find = () => NOTHING
  const server = createSecureServer(makeCertificate(), (incoming, response) => void answer(find, incoming, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    origin: `https://localhost:${address.port}`,
    replyWith(next) {
      find = next
    },
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

async function answer(find: Find, incoming: Http2ServerRequest, response: Http2ServerResponse): Promise<void> {
  try {
    const { status, headers, body } = await find(incoming)
    response.writeHead(status, headers).end(body)
  } catch {
    response.writeHead(502).end()
  }
}

/** The files of a built page, and what a back end answers to them. */
export function repliesOf(files: ReadonlyMap<string, SentFile>, answers: Answers): Find {
  const replyOf = ({ type, packed }: SentFile): Reply => ({
    status: 200,
    headers: { 'content-type': type, 'content-encoding': 'gzip', 'content-length': String(packed.length) },
    body: packed,
  })
  return ({ method, url }) => {
    const file = files.get(url === '/' ? '/index.html' : url)
    if (file !== undefined) return replyOf(file)
    const json = answers[`${method} ${url}`]
    return json === undefined ? NOTHING : replyOf({ type: 'application/json', packed: gzipSync(JSON.stringify(json)) })
  }
}

/** What HTTP/2 says otherwise. */
const OF_CONNECTION = new Set(['connection', 'keep-alive', 'transfer-encoding'])

/** The replies of a server on this machine. It is asked once, and its reply kept. */
export function repliesFrom(origin: string): Find {
  const kept = new Map<string, Promise<Reply>>()
  return (incoming) => {
    const key = `${incoming.method} ${incoming.url}`
    const reply = kept.get(key) ?? ask(origin, incoming)
    kept.set(key, reply)
    return reply
  }
}

async function ask(origin: string, incoming: Http2ServerRequest): Promise<Reply> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  const entries = Object.entries(incoming.headers).filter(([name]) => !name.startsWith(':'))
  const { statusCode, headers, body } = await request(new URL(incoming.url, origin), {
    method: incoming.method,
    headers: { ...Object.fromEntries(entries), host: incoming.authority },
    ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
  })
  const own = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || OF_CONNECTION.has(name) ? [] : [[name, value] as const],
  )
  return { status: statusCode, headers: Object.fromEntries(own), body: Buffer.from(await body.arrayBuffer()) }
}
