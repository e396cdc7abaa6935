import { generateRandomCodeVerifier, generateRandomNonce, generateRandomState } from 'oauth4webapi'
import type { Context } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import { OAUTH_FLOW_MINUTES } from '../../core/lifetimes.ts'
import { isAllowedRedirectUri, isOwnPage } from '../../core/redirect-uri.ts'
import { returnAddress } from '../return-address.ts'
import { classifyProviderError } from './classify-provider-error.ts'
import { type Flow, openLinkTicket, sealFlow } from './flow.ts'

type Dependencies = Pick<Context, 'settings' | 'ring' | 'identityProviders' | 'now'>

interface FlowStart {
  /** The provider's name in the settings. */
  readonly provider: string
  readonly redirectUri: string
  /** PKCE challenge (S256). Only the application knows the verifier. */
  readonly codeChallenge: string
  readonly clientState?: string | undefined
  /** From `issueLinkTicket`. With it, the flow links the identity instead of signing in. */
  readonly ticket?: string | undefined
}

export interface StartedFlow {
  /** The address to which the browser is redirected. */
  readonly location: string
  /**
   * For the browser to keep. Undefined when the browser returns to the application at once, with an error.
   */
  readonly sealedFlow: string | undefined
}

/**
 * Redirects a browser to a provider. State, nonce and PKCE verifier are made for this flow alone. The browser
 * keeps them, encrypted, so the start writes nothing to a store.
 * @throws AppError `not_found`, `validation_failed`, `invalid_token`
 */
export async function startFlow(ctx: Dependencies, start: FlowStart): Promise<StartedFlow> {
  const { ring, now } = ctx
  const provider = ctx.identityProviders.get(start.provider)
  if (provider === undefined) throw new AppError('not_found')
  const { OAUTH_REDIRECT_URIS, ISSUER } = ctx.settings
  const isAllowed = isOwnPage(ISSUER, start.redirectUri) || isAllowedRedirectUri(OAUTH_REDIRECT_URIS, start.redirectUri)
  if (!isAllowed) throw redirectUriRefused()
  const flow: Flow = {
    id: crypto.randomUUID(),
    state: generateRandomState(),
    nonce: generateRandomNonce(),
    codeVerifier: generateRandomCodeVerifier(),
    redirectUri: start.redirectUri,
    codeChallenge: start.codeChallenge,
    clientState: start.clientState,
    ...(await readTicket(ctx, start)),
    expiresAtMs: now + OAUTH_FLOW_MINUTES * 60_000,
  }
  try {
    const location = (await provider.authorizationUrl(flow)).href
    return { location, sealedFlow: await sealFlow(ring, start.provider, flow) }
  } catch (error) {
    return {
      location: returnAddress(flow, { error: classifyProviderError(start.provider, error).code }),
      sealedFlow: undefined,
    }
  }
}

async function readTicket(
  { ring, now }: Dependencies,
  { provider, ticket }: FlowStart,
): Promise<Pick<Flow, 'userId' | 'sessionId'>> {
  if (ticket === undefined) return {}
  const opened = await openLinkTicket(ring, provider, ticket, now)
  if (opened === undefined) throw new AppError('invalid_token')
  return { userId: opened.userId, sessionId: opened.sessionId }
}

const redirectUriRefused = () =>
  new AppError('validation_failed', { errors: [{ pointer: '/redirect_uri', detail: 'is not on the list' }] })
