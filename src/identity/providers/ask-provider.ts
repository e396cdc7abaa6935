import { AuthorizationResponseError } from 'oauth4webapi'
import { ProviderError } from '../../core/identity-provider.ts'

/**
 * Turns whatever the protocol library throws into one of our failures. Its errors hold tokens and claims, so nothing of
 * them is passed on. @throws ProviderError
 */
export async function askProvider<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof ProviderError) throw error
    if (error instanceof AuthorizationResponseError) throw new ProviderError(failureOf(error.error))
    throw new ProviderError('rejected')
  }
}

/** RFC 6749 section 4.1.2.1. */
function failureOf(error: string) {
  if (error === 'access_denied') return 'denied'
  return error === 'server_error' || error === 'temporarily_unavailable' ? 'unavailable' : 'rejected'
}
