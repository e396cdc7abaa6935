import { parseOutboundUrl } from '../core/outbound-address.ts'
import { OutboundError } from '../core/outbound-error.ts'
import type { Outbound, OutboundAnswer, OutboundRequest } from '../core/ports.ts'
import { readAtMost } from '../core/read-at-most.ts'
import { TimeLimitError, withTimeLimit } from './time-limit.ts'

/**
 * The only place from which the Worker sends HTTP requests to other services (ASVS 1.3.6). A Worker cannot
 * see that DNS resolves a name to a private address. `global_fetch_strictly_public` in wrangler.toml sends
 * requests to the service's own zone through Cloudflare, like those of any client.
 * @param issuer `ISSUER` of the settings. If it is on the same machine, loopback addresses are allowed
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
      // A body that is not read to its end would keep the connection open.
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
    // A redirect could lead to an address that was not checked, so it is not followed.
    redirect: 'manual',
    // A cached answer could differ from the current one.
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
