import { decodeText } from '../../../core/decode-text.ts'
import { ProviderError } from '../../../core/identity-provider.ts'
import { OutboundError } from '../../../core/outbound-error.ts'
import type { Outbound, OutboundAnswer } from '../../../core/ports.ts'

/** For one answer of a provider, body included. */
const LIMIT_MS = 3000
/** The largest real answers are key sets, some ten kilobytes. */
const MAX_BYTES = 256 * 1024

interface ProviderRequest {
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: BodyInit | null | undefined
}

/**
 * Asks a provider, for the protocol library, with a limit on time and size.
 * @throws ProviderError `unavailable`; `rejected` for an answer that is not UTF-8, which no JSON is without,
 * and for an address that this service sends no requests to, which a provider's metadata may name
 */
export type ProviderFetch = (url: string, request: ProviderRequest) => Promise<Response>

const KEPT_HEADERS = ['content-type', 'www-authenticate']

/** How the protocol library speaks with all providers. */
export const createProviderFetch =
  (outbound: Outbound): ProviderFetch =>
  async (url, { method, headers, body }) => {
    try {
      return readAnswer(await outbound({ url, method, headers, body, limitMs: LIMIT_MS, maxBytes: MAX_BYTES }))
    } catch (error) {
      if (error instanceof ProviderError) throw error
      const isForbidden = error instanceof OutboundError && error.failure === 'forbidden'
      throw isForbidden ? new ProviderError('rejected', 'address_forbidden') : new ProviderError('unavailable')
    }
  }

function readAnswer({ status, headers: sent, body }: OutboundAnswer): Response {
  // A server in trouble answers with anything; only what it says about the request is an answer.
  if (status >= 500 || status === 429) throw new ProviderError('unavailable')
  const headers = KEPT_HEADERS.flatMap((name) => {
    const value = sent.get(name)
    return value === null ? [] : [[name, value] as const]
  })
  // The protocol library decodes leniently: subjects that differ in a wrong byte would become one person.
  const text = decodeText(body)
  if (text === undefined) throw new ProviderError('rejected', 'not_utf_8')
  return new Response(text === '' ? null : text, { status, headers: Object.fromEntries(headers) })
}
