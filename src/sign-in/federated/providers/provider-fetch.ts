import { decodeText } from '../../../core/decode-text.ts'
import { ProviderError } from '../../../core/identity-provider.ts'
import { OutboundError } from '../../../core/outbound-error.ts'
import type { Outbound, OutboundAnswer } from '../../../core/ports.ts'

/** Time limit for one answer of a provider, including the body. */
const LIMIT_MS = 3000
/** The largest real answers are key sets of about ten kilobytes. */
const MAX_BYTES = 256 * 1024

interface ProviderRequest {
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: BodyInit | null | undefined
}

/**
 * Sends a request of the protocol library to a provider, with a limit on time and size.
 * @throws ProviderError `unavailable`; `rejected` for an answer that is not UTF-8, since JSON always is, and
 * for an address to which this service sends no requests, which a provider's metadata may name
 */
export type ProviderFetch = (url: string, request: ProviderRequest) => Promise<Response>

const KEPT_HEADERS = ['content-type', 'www-authenticate']

/** Creates the fetch function that the protocol library uses for all providers. */
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
  // A failing server may send any body. Only an answer about the request itself is read.
  if (status >= 500 || status === 429) throw new ProviderError('unavailable')
  const headers = KEPT_HEADERS.flatMap((name) => {
    const value = sent.get(name)
    return value === null ? [] : [[name, value] as const]
  })
  // The protocol library replaces invalid bytes. Two subjects that differ only in such a byte would become
  // the same person.
  const text = decodeText(body)
  if (text === undefined) throw new ProviderError('rejected', 'not_utf_8')
  return new Response(text === '' ? null : text, { status, headers: Object.fromEntries(headers) })
}
