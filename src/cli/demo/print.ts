import type { ApiAddress } from '../../core/api-address.ts'
import { say } from '../shared/command-result.ts'

const WIDTH = 118
const LONG = 44

/** Formats a body on one line, with long values shortened. */
function shorten(body: unknown): string {
  const text = JSON.stringify(body, (_, value) =>
    typeof value === 'string' && value.length > LONG ? `${value.slice(0, LONG / 2)}…` : value,
  )
  return text.length > WIDTH ? `${text.slice(0, WIDTH)}…` : text
}

interface Call {
  readonly method?: string
  readonly body?: unknown
  readonly token?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  /** The expected status. Any other one ends the demonstration. */
  readonly expect: number
}

// biome-ignore lint/suspicious/noExplicitAny: the demonstration reads answers of every shape
export type Body = any

/** Sends requests to a service, and prints each request with its answer. */
export const teller =
  (origin: string) =>
  async (
    path: ApiAddress | `${ApiAddress}?${string}`,
    { method, body, token, headers, expect }: Call,
  ): Promise<Body> => {
    const verb = method ?? (body === undefined ? 'GET' : 'POST')
    say(`  ${verb} ${path}${body === undefined ? '' : ` ${shorten(body)}`}`)
    const response = await fetch(origin + path, {
      method: verb,
      headers: {
        ...headers,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const answer: unknown = text === '' ? undefined : JSON.parse(text)
    say(`  ${response.status}${answer === undefined ? '' : ` ${shorten(answer)}`}`)
    if (response.status !== expect) throw new Error(`${verb} ${path} answered ${response.status} instead of ${expect}`)
    return answer
  }

let chapter = 0

/** Prints the title of the next chapter. */
export const tell = (title: string): void => say(`\n${++chapter}. ${title}`)
