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

/** Options of the protocol library for requests to one provider. */
export interface RequestOptions {
  readonly [customFetch]: ProviderFetch
  /** True only for a provider on the same machine. */
  readonly [allowInsecureRequests]: boolean
}

const KEPT_MS = 60 * 60_000

/**
 * Reads the provider's metadata and keeps it for an hour in this isolate. The library keeps the provider's
 * keys with it for five minutes, and reads them again for an unknown key at most once a minute. Only answers
 * are kept, not promises: a promise of a finished request would never settle.
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
