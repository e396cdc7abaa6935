import { type ClientAuth, ClientSecretBasic, ClientSecretPost } from 'oauth4webapi'
import { ProviderError } from '../../../core/identity-provider.ts'
import type { TokenEndpointAuthMethod } from '../../../core/oauth-settings.ts'
import { askProvider } from './ask-provider.ts'

const ways = { client_secret_basic: ClientSecretBasic, client_secret_post: ClientSecretPost } as const

export const authenticateClient = (method: TokenEndpointAuthMethod, clientSecret: string): ClientAuth =>
  ways[method](clientSecret)

/** How the library and GitHub name a client that was refused; a challenge is what goes with a 401. */
const CLIENT_REFUSED = new Set([
  'invalid_client',
  'unauthorized_client',
  'incorrect_client_credentials',
  'OAUTH_WWW_AUTHENTICATE_CHALLENGE',
])

/**
 * Asks for tokens. A good secret is refused all the same where a provider reads the other method, or does not
 * decode the header of `client_secret_basic`, so the failure names that method.
 * @throws ProviderError
 */
export async function askTokenEndpoint<T>(method: TokenEndpointAuthMethod, ask: () => Promise<T>): Promise<T> {
  try {
    return await askProvider(ask)
  } catch (error) {
    if (!(error instanceof ProviderError) || !CLIENT_REFUSED.has(error.reason ?? '')) throw error
    const other = method === 'client_secret_basic' ? 'client_secret_post' : 'client_secret_basic'
    throw new ProviderError(error.failure, error.reason, other)
  }
}
