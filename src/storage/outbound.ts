import { parseOutboundUrl } from '../core/outbound-address.ts'
import { OutboundError } from '../core/outbound-error.ts'
import type { Outbound, OutboundAnswer, OutboundRequest } from '../core/ports.ts'
import { readAtMost } from '../core/read-at-most.ts'
import { TimeLimitError, withTimeLimit } from './time-limit.ts'

/**
 * The only place from which this service sends HTTP requests to others (ASVS 1.3.6). A name that DNS
 * resolves to a private address cannot be seen from a Worker; `global_fetch_strictly_public` in
 * wrangler.toml keeps requests to the own zone from going behind its front door.
 * @param issuer `ISSUER` of the settings: on this very machine it allows loopback addresses
 */
export const createOutbound =
  (issuer: string): Outbound =>
  async (request) => {
    const url = parseOutboundUrl(request.url, issuer)
    if (url === undefined) throw new OutboundError('forbidden')
    const controller = new AbortController()
    try {
      return await withTimeLimit(exchange(url, request, controller.signal), request.limitMs)
    } catch (error) {
      // A body that nobody reads to its end would keep its connection.
      controller.abort()
      if (error instanceof OutboundError) throw error
      throw new OutboundError(error instanceof TimeLimitError ? 'timed_out' : 'unreachable')
    }
  }

async function exchange(
  url: URL,
  { method = 'GET', headers, body, maxBytes }: OutboundRequest,
  signal: AbortSignal,
): Promise<OutboundAnswer> {
  const response = await fetch(url.href, {
    method,
    headers,
    body: body ?? null,
    // A redirect could lead to an address that was never checked: it is an answer like any other.
    redirect: 'manual',
    // An answer kept at the edge could be another one than the service gives now.
    cache: 'no-store',
    signal,
  })
  return { status: response.status, headers: response.headers, body: await readBody(response, maxBytes) }
}

async function readBody({ body }: Response, maxBytes: number | undefined): Promise<Uint8Array> {
  if (maxBytes === undefined) {
    await body?.cancel()
    return new Uint8Array()
  }
  const bytes = await readAtMost(body, maxBytes)
  if (bytes === undefined) throw new OutboundError('too_large')
  return bytes
}
