import type { Context } from '../../context.ts'
import { isAllowedRedirectUri, isOwnPage } from '../../core/redirect-uri.ts'
import { returnAddress } from '../return-address.ts'
import { openFlow } from './flow.ts'

interface RefusedCallback {
  readonly provider: string
  /** The sealed flow that this browser kept, or undefined. */
  readonly sealedFlow: string | undefined
}

/**
 * Finds the application's address in the browser's sealed flow, for the link on an error page. An expired
 * flow still names the address. The query of the callback is not used, since any site can send a browser
 * there with any query. A page of the service is told that its sign-in has ended, so that it goes on to where
 * the person wanted to go.
 * @returns undefined without a flow, or when the settings no longer list the address
 */
export async function findApplication(
  { ring, settings }: Pick<Context, 'ring' | 'settings'>,
  { provider, sealedFlow }: RefusedCallback,
): Promise<string | undefined> {
  const flow = sealedFlow === undefined ? undefined : await openFlow(ring, provider, sealedFlow, 0)
  if (flow === undefined) return undefined
  const { ISSUER, ACCOUNT_PAGES, OAUTH_REDIRECT_URIS } = settings
  if (ACCOUNT_PAGES !== 'off' && isOwnPage(ISSUER, flow.redirectUri))
    return returnAddress(flow, { error: 'invalid_state' })
  return isAllowedRedirectUri(OAUTH_REDIRECT_URIS, flow.redirectUri) ? flow.redirectUri : undefined
}
