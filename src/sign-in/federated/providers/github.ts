import {
  type AuthorizationServer,
  authorizationCodeGrantRequest,
  calculatePKCECodeChallenge,
  customFetch,
  processAuthorizationCodeResponse,
  protectedResourceRequest,
  validateAuthResponse,
} from 'oauth4webapi'
import * as z from 'zod'
import {
  type AuthorizationRequest,
  type IdentityProvider,
  type ProviderDetails,
  ProviderError,
  type ProviderIdentity,
} from '../../../core/identity-provider.ts'
import type { TokenEndpointAuthMethod } from '../../../core/oauth-settings.ts'
import { askProvider } from './ask-provider.ts'
import { askTokenEndpoint, authenticateClient } from './ask-token-endpoint.ts'
import type { OpenIdSettings } from './openid.ts'
import type { ProviderFetch } from './provider-fetch.ts'

type GitHubSettings = Omit<OpenIdSettings, 'issuer' | 'authMethod'> & { readonly authMethod: TokenEndpointAuthMethod }

/**
 * GitHub supports OAuth 2 without OpenID: no discovery, no ID token. Since April 2026 its answers contain the
 * issuer (RFC 9207). An answer without it is accepted too, since each provider has its own callback address.
 */
const SERVER: AuthorizationServer = {
  issuer: 'https://github.com/login/oauth',
  authorization_endpoint: 'https://github.com/login/oauth/authorize',
  token_endpoint: 'https://github.com/login/oauth/access_token',
}
const USER = new URL('https://api.github.com/user')
const EMAILS = new URL('https://api.github.com/user/emails?per_page=100')

const userSchema = z.object({
  id: z.number().int().positive(),
  name: z.string().nullish().catch(null),
  avatar_url: z.string().nullish().catch(null),
})
type GitHubUser = z.infer<typeof userSchema>

const emailsSchema = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() })).max(100)

/**
 * Sign-in with GitHub. The subject is the numeric id, because a login name can be renamed and then taken by
 * another person.
 */
export function createGitHubProvider(settings: GitHubSettings): IdentityProvider {
  return {
    authorizationUrl: (request) => askProvider(() => authorizationUrl(settings, request)),
    readIdentity: (request, parameters) => askProvider(() => readIdentity(settings, request, parameters)),
  }
}

async function authorizationUrl(
  { clientId, scopes, redirectUri }: GitHubSettings,
  { state, codeVerifier }: AuthorizationRequest,
): Promise<URL> {
  const url = new URL(SERVER.authorization_endpoint ?? '')
  const parameters = {
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: scopes.join(' '),
    state,
    code_challenge: await calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url
}

async function readIdentity(
  { clientId, clientSecret, redirectUri, authMethod, providerFetch }: GitHubSettings,
  { state, codeVerifier }: AuthorizationRequest,
  parameters: URLSearchParams,
): Promise<ProviderIdentity> {
  const client = { client_id: clientId }
  const answer = validateAuthResponse(SERVER, client, parameters, state)
  const { access_token: token } = await askTokenEndpoint(authMethod, async () => {
    const response = await authorizationCodeGrantRequest(
      ...([SERVER, client, authenticateClient(authMethod, clientSecret), answer, redirectUri, codeVerifier] as const),
      { [customFetch]: providerFetch },
    )
    // GitHub reports a wrong code with status 200 and `error=`. The library rejects such an answer because it
    // has no access token.
    return processAuthorizationCodeResponse(SERVER, client, response)
  })
  const user = await read(providerFetch, USER, token, userSchema)
  return { subject: String(user.id), details: () => askProvider(() => readDetails(providerFetch, user, token)) }
}

/**
 * The primary address, if GitHub has verified it. The public e-mail of the profile is only the person's own
 * claim.
 */
async function readDetails(providerFetch: ProviderFetch, user: GitHubUser, token: string): Promise<ProviderDetails> {
  const primary = (await read(providerFetch, EMAILS, token, emailsSchema)).find((address) => address.primary)
  return {
    email: primary?.email,
    isEmailVerified: primary?.verified === true,
    fullName: user.name ?? undefined,
    avatarUrl: user.avatar_url ?? undefined,
  }
}

async function read<Schema extends z.ZodType>(
  providerFetch: ProviderFetch,
  url: URL,
  token: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const headers = new Headers({
    accept: 'application/vnd.github+json',
    // GitHub rejects requests without a user agent.
    'user-agent': 'latchkey',
    'x-github-api-version': '2022-11-28',
  })
  const response = await protectedResourceRequest(token, 'GET', url, headers, null, { [customFetch]: providerFetch })
  if (response.status !== 200) throw new ProviderError('rejected')
  return schema.parse(await response.json())
}
