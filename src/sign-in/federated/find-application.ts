import type { Context } from '../../context.ts'
import { isAllowedRedirectUri } from '../../core/redirect-uri.ts'
import { openFlow } from './flow.ts'

interface RefusedCallback {
  readonly provider: string
  /** The sealed flow that this browser kept, or undefined. */
  readonly sealedFlow: string | undefined
}

/**
 * Finds the application's address in the browser's sealed flow, for the link on an error page. An expired
 * flow still names the address. The query of the callback is not used, since any site can send a browser
 * there with any query.
 * @returns undefined without a flow, or when the settings no longer list the address
 */
export async function findApplication(
  { ring, settings }: Pick<Context, 'ring' | 'settings'>,
  { provider, sealedFlow }: RefusedCallback,
): Promise<string | undefined> {
  const flow = sealedFlow === undefined ? undefined : await openFlow(ring, provider, sealedFlow, 0)
  return flow !== undefined && isAllowedRedirectUri(settings.OAUTH_REDIRECT_URIS, flow.redirectUri)
    ? flow.redirectUri
    : undefined
}
