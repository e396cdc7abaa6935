import { type ClientAuth, ClientSecretBasic, ClientSecretPost } from 'oauth4webapi'
import { ProviderError } from '../../../core/identity-provider.ts'
import type { TokenEndpointAuthMethod } from '../../../core/oauth-settings.ts'
import { askProvider } from './ask-provider.ts'

const authMethods = { client_secret_basic: ClientSecretBasic, client_secret_post: ClientSecretPost } as const

export const authenticateClient = (method: TokenEndpointAuthMethod, clientSecret: string): ClientAuth =>
  authMethods[method](clientSecret)

/**
 * How the library and GitHub report that the client was refused. The challenge is the library's code for a
 * 401.
 */
const CLIENT_REFUSED = new Set([
  'invalid_client',
  'unauthorized_client',
  'incorrect_client_credentials',
  'OAUTH_WWW_AUTHENTICATE_CHALLENGE',
])

/**
 * Requests tokens from the token endpoint. A provider may refuse a correct secret if it expects the other
 * authentication method, or if it does not decode the header of `client_secret_basic`. So the error names the
 * other method.
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
