import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider, { type InteractionResults } from 'oidc-provider'
import { openBrowserByHand } from './browser-by-hand.ts'

/** A user with an account at the provider. */
export interface Resident {
  readonly sub: string
  readonly email?: string
  readonly email_verified?: boolean
  readonly name?: string
  readonly picture?: string
}

/** A real OpenID provider on this machine. It signs in the user that the test chose, without asking. */
export interface OidcProvider {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** Registers services. Their addresses are known only when they run, and they need the issuer to start. */
  serve(redirectUris: readonly string[]): void
  /** The user who is at the keyboard. */
  setResident(resident: Resident | 'denies'): void
  /** Every access token that the provider has issued. */
  readonly tokens: readonly string[]
  [Symbol.asyncDispose](): Promise<void>
}

interface Options {
  readonly clientId?: string
  readonly clientSecret?: string
  /** Compares the `Authorization` header without decoding it, as Google does. */
  readonly comparesBytes?: true
}

/** Listens on a free loopback port. */
export async function startOidcProvider(options: Options = {}): Promise<OidcProvider> {
  const { clientId = 'latchkey', clientSecret = 'a-secret-of-the-provider', comparesBytes } = options
  const basic = `Basic ${btoa(`${clientId}:${clientSecret}`)}`
  const residents = new Map<string, Resident>()
  const tokens: string[] = []
  let current: Resident | 'denies' = 'denies'
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const jwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })
  const open = (redirectUris: readonly string[]) => {
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: clientId,
          client_secret: clientSecret,
          redirect_uris: [...redirectUris],
          // The library decodes the header, so the comparison without decoding runs before it.
          ...(comparesBytes && { token_endpoint_auth_method: 'client_secret_post' }),
        },
      ],
      jwks: { keys: [{ ...jwk, use: 'sig', alg: 'RS256', kid: 'one' }] },
      cookies: { keys: ['for the tests alone'] },
      pkce: { required: () => true },
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'picture'] },
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_: unknown, interaction: { uid: string }) => `/interaction/${interaction.uid}` },
      findAccount: (_: unknown, sub: string) => ({ accountId: sub, claims: () => ({ ...residents.get(sub), sub }) }),
    })
    provider.on('access_token.saved', ({ jti }: { jti: string }) => tokens.push(jti))
    const answer = provider.callback()
    server.on('request', (request, response) => {
      const { authorization } = request.headers
      if (comparesBytes && request.url === '/token' && authorization !== undefined && authorization !== basic) {
        response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":"invalid_client"}')
        return
      }
      if (!request.url?.startsWith('/interaction/')) return answer(request, response)
      void interact(provider, request, response, current)
    })
  }
  return {
    issuer,
    clientId,
    clientSecret,
    tokens,
    serve: open,
    setResident(resident) {
      current = resident
      if (resident !== 'denies') residents.set(resident.sub, resident)
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function interact(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  resident: Resident | 'denies',
) {
  const finish = (result: InteractionResults) => provider.interactionFinished(request, response, result)
  if (resident === 'denies') return finish({ error: 'access_denied', error_description: 'not today' })
  const { params, prompt } = await provider.interactionDetails(request, response)
  if (prompt.name === 'login') return finish({ login: { accountId: resident.sub } })
  const grant = new provider.Grant({ accountId: resident.sub, clientId: String(params.client_id) })
  grant.addOIDCScope(String(params.scope))
  return finish({ consent: { grantId: await grant.save() } })
}

/** The settings that a service needs for this provider, under the name `acme`. */
export const settingsFor = ({ issuer, clientId, clientSecret }: OidcProvider) => ({
  OAUTH_PROVIDERS: JSON.stringify({ acme: { kind: 'oidc', issuer, client_id: clientId } }),
  OAUTH_ACME_CLIENT_SECRET: clientSecret,
  // A placeholder for any port.
  OAUTH_REDIRECT_URIS: 'http://127.0.0.1/signed-in',
  OAUTH_PROFILE_FIELDS: 'full_name',
})

interface Dance {
  readonly redirectUri: string
  readonly link?: string | undefined
  readonly headers?: Record<string, string>
}

/**
 * The flow of a native application: a port of its own, the system's browser, and a verifier that the
 * application keeps.
 */
export async function danceWith(origin: string, provider: string, { redirectUri, link, headers }: Dance) {
  const verifier = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({
    redirect_uri: redirectUri,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    state: 'of-the-application',
    ...(link !== undefined && { link }),
  })
  const start = `${origin}/api/v1/auth/oauth/${provider}/start?${query}`
  const handed = (await openBrowserByHand(headers).follow(start, redirectUri)).searchParams
  if (handed.get('state') !== 'of-the-application') throw new Error('the state is not the one that was sent')
  return { error: handed.get('error'), exchange: { code: handed.get('code'), code_verifier: verifier } }
}
