import { Pool } from 'undici'
import type { Call, Http } from './contender.ts'

/** A network for benchmarks (RFC 2544), with one address for each client. */
const ADDRESSES = 4096

let sent = 0

/** Sends requests to one server over this many connections, which are closed afterwards. */
export async function withHttp<T>(origin: string, connections: number, use: (http: Http) => Promise<T>): Promise<T> {
  const pool = new Pool(origin, { connections, pipelining: 1 })
  try {
    return await use(createHttp(pool, origin))
  } finally {
    await pool.close()
  }
}

function createHttp(pool: Pool, origin: string): Http {
  return {
    origin,
    async send(expected, method, path, call = {}) {
      const { statusCode: status, headers, body } = await pool.request({ method, path, ...toRequest(call) })
      const text = await body.text()
      if (status !== expected) throw new Error(`${status} instead of ${expected} for ${path}: ${text.slice(0, 300)}`)
      return { status, headers, text }
    },
  }
}

function toRequest({ json, form, token, cookie, headers }: Call) {
  const body = form ? new URLSearchParams(form).toString() : json === undefined ? null : JSON.stringify(json)
  return {
    body,
    headers: {
      'cf-connecting-ip': nextAddress(),
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
      ...(body !== null && { 'content-type': form ? 'application/x-www-form-urlencoded' : 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(cookie !== undefined && { cookie }),
      ...headers,
    },
  }
}

function nextAddress(): string {
  const number = sent++ % ADDRESSES
  return `198.18.${number >> 8}.${number & 0xff}`
}
