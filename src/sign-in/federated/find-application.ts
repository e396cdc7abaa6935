import type { Context } from '../../context.ts'
import { isAllowedRedirectUri } from '../../core/redirect-uri.ts'
import { openFlow } from './flow.ts'

interface RefusedCallback {
  readonly provider: string
  /** What this browser kept, or undefined. */
  readonly sealedFlow: string | undefined
}

/**
 * The address of the application that a browser's sealed flow names, for a link from the page of a refusal.
 * An expired flow still names it. Nothing in the address of the callback is used, since any site can send a
 * browser there.
 * @returns undefined without a flow, or when the settings do not list the address any more
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
