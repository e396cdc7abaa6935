import type { ApiAddress } from '../../../core/api-address.ts'
import type { IdentityProvider, IdentityProviders } from '../../../core/identity-provider.ts'
import type { ProviderSettings } from '../../../core/oauth-settings.ts'
import type { Outbound } from '../../../core/ports.ts'
import type { Settings } from '../../../core/settings.ts'
import { createGitHubProvider } from './github.ts'
import { createOpenIdProvider } from './openid.ts'
import { createProviderFetch, type ProviderFetch } from './provider-fetch.ts'

const GOOGLE_ISSUER = 'https://accounts.google.com'

/** Creates the providers that the settings list. @param clientSecrets by the provider's name, one for each */
export function createIdentityProviders(
  { OAUTH_PROVIDERS, ISSUER }: Pick<Settings, 'OAUTH_PROVIDERS' | 'ISSUER'>,
  clientSecrets: Readonly<Record<string, string>>,
  outbound: Outbound,
): IdentityProviders {
  const providerFetch = createProviderFetch(outbound)
  const entries = Object.entries(OAUTH_PROVIDERS).map(([name, settings]) => {
    // Each provider has its own callback address, which prevents mix-up attacks (RFC 9700 section 4.4.2.1).
    const redirectUri = ISSUER + (`/api/v1/auth/oauth/${name}/callback` satisfies ApiAddress)
    return [
      name,
      createProvider(settings, { redirectUri, clientSecret: clientSecrets[name] ?? '', providerFetch }),
    ] as const
  })
  return new Map(entries)
}

interface ClientOptions {
  readonly redirectUri: string
  readonly clientSecret: string
  readonly providerFetch: ProviderFetch
}

function createProvider(settings: ProviderSettings, client: ClientOptions): IdentityProvider {
  const { client_id: clientId, scopes, token_endpoint_auth_method: authMethod } = settings
  const common = { ...client, clientId, scopes }
  switch (settings.kind) {
    case 'github':
      return createGitHubProvider({ ...common, authMethod: authMethod ?? 'client_secret_post' })
    case 'google':
      // Google's metadata lists both methods, but Google does not decode the header. Every client id of
      // Google contains a hyphen, which the header encodes.
      return createOpenIdProvider({ ...common, issuer: GOOGLE_ISSUER, authMethod: authMethod ?? 'client_secret_post' })
    case 'oidc':
      return createOpenIdProvider({ ...common, issuer: settings.issuer, authMethod })
  }
}
