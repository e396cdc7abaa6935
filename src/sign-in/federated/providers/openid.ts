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
  /** The callback address of this service. */
  readonly redirectUri: string
  /** Undefined for the method that the provider's metadata lists. */
  readonly authMethod: TokenEndpointAuthMethod | undefined
  readonly providerFetch: ProviderFetch
}

/**
 * A value of the wrong type counts as absent, so the text `"true"` does not verify an address (SECURITY.md
 * S3).
 */
const detailsSchema = z.object({
  email: z.string().optional().catch(undefined),
  email_verified: z.boolean().optional().catch(undefined),
  name: z.string().optional().catch(undefined),
  picture: z.string().optional().catch(undefined),
})
type Claims = z.infer<typeof detailsSchema>

/**
 * The subject must be well-formed. UTF-8 turns every lone surrogate into the same character, so two subjects
 * would become one.
 */
const subjectSchema = z
  .string()
  .min(1)
  .max(255)
  .refine((text) => text.isWellFormed())

/**
 * An OpenID provider (OpenID Connect Core 1.0, code flow with PKCE). The settings fix the issuer. Endpoints
 * and keys come only from its discovery document. The signature of the ID token is checked although the token
 * arrives over TLS.
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

interface ProviderConnection {
  readonly settings: OpenIdSettings
  readonly client: Client
  readonly server: AuthorizationServer
  readonly options: RequestOptions
}

async function readIdentity(
  connection: ProviderConnection,
  { state, nonce, codeVerifier }: AuthorizationRequest,
  parameters: URLSearchParams,
): Promise<ProviderIdentity> {
  const { settings, client, server, options } = connection
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
  const idToken = getValidatedIdTokenClaims(tokens)
  const subject = subjectSchema.safeParse(idToken?.sub)
  // The library checks `azp` only if there are several audiences. A token whose `azp` names another client is
  // always refused here.
  const isOurs = idToken?.azp === undefined || idToken.azp === settings.clientId
  if (!subject.success || !isOurs) throw new ProviderError('rejected')
  const claims = detailsSchema.parse(idToken)
  return {
    subject: subject.data,
    details: () =>
      askProvider(() => readDetails(connection, { subject: subject.data, claims, token: tokens.access_token })),
  }
}

/**
 * Basic authentication is the default of OpenID Connect. Post is used only if the provider's metadata lists
 * it without basic.
 */
function defaultMethodOf({ token_endpoint_auth_methods_supported: methods }: AuthorizationServer) {
  const isPostOnly = methods?.includes('client_secret_post') && !methods.includes('client_secret_basic')
  return isPostOnly ? 'client_secret_post' : 'client_secret_basic'
}

interface DetailsRequest {
  readonly subject: string
  readonly claims: Claims
  readonly token: string
}

/**
 * Reads the person's details. Many providers put the address into the ID token. If it is incomplete there,
 * the userinfo endpoint is read as well.
 */
async function readDetails(
  connection: ProviderConnection,
  { subject, claims, token }: DetailsRequest,
): Promise<ProviderDetails> {
  const { server, client, options } = connection
  const isComplete = claims.email !== undefined && claims.email_verified !== undefined
  if (isComplete || server.userinfo_endpoint === undefined) return toDetails(claims)
  const response = await userInfoRequest(server, client, token, options)
  return toDetails(detailsSchema.parse(await processUserInfoResponse(server, client, subject, response)))
}

const toDetails = ({ email, email_verified, name, picture }: Claims): ProviderDetails => ({
  email,
  isEmailVerified: email_verified === true,
  fullName: name,
  avatarUrl: picture,
})
