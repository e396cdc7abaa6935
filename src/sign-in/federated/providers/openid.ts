import {
  type AuthorizationServer,
  allowInsecureRequests,
  authorizationCodeGrantRequest,
  type Client,
  calculatePKCECodeChallenge,
  customFetch,
  getValidatedIdTokenClaims,
  processAuthorizationCodeResponse,
  processUserInfoResponse,
  userInfoRequest,
  validateApplicationLevelSignature,
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
import { createDiscovery, type RequestOptions } from './discovery.ts'
import type { ProviderFetch } from './provider-fetch.ts'

export interface OpenIdSettings {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  readonly scopes: readonly string[]
  /** This service's callback. */
  readonly redirectUri: string
  /** Undefined for what the provider's metadata asks for. */
  readonly authMethod: TokenEndpointAuthMethod | undefined
  readonly providerFetch: ProviderFetch
}

/** A wrong type counts as absent, so `"true"` is not true (SECURITY.md S3). */
const detailsSchema = z.object({
  email: z.string().optional().catch(undefined),
  email_verified: z.boolean().optional().catch(undefined),
  name: z.string().optional().catch(undefined),
  picture: z.string().optional().catch(undefined),
})
type Claims = z.infer<typeof detailsSchema>

/** Well-formed: as UTF-8, every lone surrogate is the same character, and two subjects would be one. */
const subjectSchema = z
  .string()
  .min(1)
  .max(255)
  .refine((text) => text.isWellFormed())

/**
 * An OpenID provider (OpenID Connect Core 1.0, code flow with PKCE). The issuer is fixed by configuration;
 * endpoints and keys come from its discovery document alone, and the signature of the ID token is checked
 * although it came over TLS.
 */
export function createOpenIdProvider(settings: OpenIdSettings): IdentityProvider {
  const client: Client = { client_id: settings.clientId }
  const isLocal = new URL(settings.issuer).protocol === 'http:'
  const options: RequestOptions = { [customFetch]: settings.providerFetch, [allowInsecureRequests]: isLocal }
  const discover = createDiscovery(new URL(settings.issuer), options)

  return {
    authorizationUrl: (request) => askProvider(async () => authorizationUrl(settings, await discover(), request)),
    readIdentity: (request, parameters) =>
      askProvider(async () => {
        const server = await discover()
        return readIdentity({ settings, client, server, options }, request, parameters)
      }),
  }
}

async function authorizationUrl(
  { clientId, scopes, redirectUri }: OpenIdSettings,
  server: AuthorizationServer,
  { state, nonce, codeVerifier }: AuthorizationRequest,
): Promise<URL> {
  const url = new URL(server.authorization_endpoint ?? '')
  const parameters = {
    client_id: clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: scopes.join(' '),
    state,
    nonce,
    code_challenge: await calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url
}

interface Conversation {
  readonly settings: OpenIdSettings
  readonly client: Client
  readonly server: AuthorizationServer
  readonly options: RequestOptions
}

async function readIdentity(
  conversation: Conversation,
  { state, nonce, codeVerifier }: AuthorizationRequest,
  parameters: URLSearchParams,
): Promise<ProviderIdentity> {
  const { settings, client, server, options } = conversation
  const answer = validateAuthResponse(server, client, parameters, state)
  const method = settings.authMethod ?? defaultMethodOf(server)
  const tokens = await askTokenEndpoint(method, async () => {
    const response = await authorizationCodeGrantRequest(
      ...([server, client, authenticateClient(method, settings.clientSecret), answer] as const),
      ...([settings.redirectUri, codeVerifier, options] as const),
    )
    const processed = await processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: nonce,
      requireIdToken: true,
    })
    await validateApplicationLevelSignature(server, response, options)
    return processed
  })
  const claims = getValidatedIdTokenClaims(tokens)
  const subject = subjectSchema.safeParse(claims?.sub)
  // The library looks at `azp` only beside several audiences; a token that names another party is never ours.
  const isOurs = claims?.azp === undefined || claims.azp === settings.clientId
  if (!subject.success || !isOurs) throw new ProviderError('rejected')
  const known = detailsSchema.parse(claims)
  return {
    subject: subject.data,
    details: () =>
      askProvider(() => readDetails(conversation, { subject: subject.data, known, token: tokens.access_token })),
  }
}

/** The default of OpenID Connect, unless the provider speaks only of the other one. */
function defaultMethodOf({ token_endpoint_auth_methods_supported: methods }: AuthorizationServer) {
  const isPostOnly = methods?.includes('client_secret_post') && !methods.includes('client_secret_basic')
  return isPostOnly ? 'client_secret_post' : 'client_secret_basic'
}

interface Question {
  readonly subject: string
  readonly known: Claims
  readonly token: string
}

/**
 * Many providers put the address into the ID token; where it is not all there, the userinfo endpoint is
 * asked.
 */
async function readDetails(conversation: Conversation, { subject, known, token }: Question): Promise<ProviderDetails> {
  const { server, client, options } = conversation
  const isComplete = known.email !== undefined && known.email_verified !== undefined
  if (isComplete || server.userinfo_endpoint === undefined) return toDetails(known)
  const response = await userInfoRequest(server, client, token, options)
  return toDetails(detailsSchema.parse(await processUserInfoResponse(server, client, subject, response)))
}

const toDetails = ({ email, email_verified, name, picture }: Claims): ProviderDetails => ({
  email,
  isEmailVerified: email_verified === true,
  fullName: name,
  avatarUrl: picture,
})
