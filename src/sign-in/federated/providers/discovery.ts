import {
  type AuthorizationServer,
  type allowInsecureRequests,
  type customFetch,
  discoveryRequest,
  processDiscoveryResponse,
} from 'oauth4webapi'
import { ProviderError } from '../../../core/identity-provider.ts'
import { isSecure } from '../../../core/web-address.ts'
import type { ProviderFetch } from './provider-fetch.ts'

/** How the protocol library speaks with one provider. */
export interface RequestOptions {
  readonly [customFetch]: ProviderFetch
  /** Only for a provider on this very machine. */
  readonly [allowInsecureRequests]: boolean
}

const KEPT_MS = 60 * 60_000

/**
 * The provider's metadata, kept for an hour in this isolate; the library keeps its keys along with it, for
 * five minutes, and asks again for a key that it does not know, at most once a minute. Only answers are kept,
 * no promise: one that belongs to a finished request would never settle.
 * @throws ProviderError
 */
export function createDiscovery(issuer: URL, options: RequestOptions) {
  let kept: { readonly server: AuthorizationServer; readonly untilMs: number } | undefined
  return async (): Promise<AuthorizationServer> => {
    if (kept !== undefined && kept.untilMs > Date.now()) return kept.server
    const server = await processDiscoveryResponse(issuer, await discoveryRequest(issuer, options))
    if (!isSecure(server.authorization_endpoint ?? '')) throw new ProviderError('rejected')
    kept = { server, untilMs: Date.now() + KEPT_MS }
    return server
  }
}
