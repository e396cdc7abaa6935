import {
  AuthorizationResponseError,
  OperationProcessingError,
  ResponseBodyError,
  UnsupportedOperationError,
  WWWAuthenticateChallengeError,
} from 'oauth4webapi'
import * as z from 'zod'
import { ProviderError } from '../../../core/identity-provider.ts'

/**
 * Turns every error of the protocol library into a `ProviderError`. The library's errors contain tokens and
 * claims, so only codes from a closed list are passed on.
 * @throws ProviderError
 */
export async function askProvider<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof ProviderError) throw error
    const isAuthorizationError = error instanceof AuthorizationResponseError
    throw new ProviderError(isAuthorizationError ? failureOf(error.error) : 'rejected', reasonOf(error))
  }
}

/** RFC 6749 section 4.1.2.1. */
function failureOf(error: string) {
  if (error === 'access_denied') return 'denied'
  return error === 'server_error' || error === 'temporarily_unavailable' ? 'unavailable' : 'rejected'
}

const errorCodeSchema = z.enum([
  // RFC 6749 sections 4.1.2.1 and 5.2.
  ...(['invalid_request', 'invalid_client', 'invalid_grant', 'invalid_scope', 'unauthorized_client'] as const),
  ...(['unsupported_response_type', 'unsupported_grant_type', 'server_error', 'temporarily_unavailable'] as const),
  // Codes of GitHub.
  ...(['incorrect_client_credentials', 'redirect_uri_mismatch', 'bad_verification_code'] as const),
])

/**
 * GitHub sends an error code with status 200. The library then reports a missing token, and the code is in
 * the cause.
 */
const tokenErrorSchema = z.object({ cause: z.object({ body: z.object({ error: errorCodeSchema }) }) })

/**
 * The error code that the provider sent, if it is on the list. Otherwise the code of the library's error, or
 * the name of the error's class.
 */
function reasonOf(error: unknown): string | undefined {
  const code = isProtocolError(error)
    ? errorCodeSchema.safeParse(error.error).data
    : tokenErrorSchema.safeParse(error).data?.cause.body.error
  if (code !== undefined) return code
  const isCoded =
    isProtocolError(error) ||
    error instanceof OperationProcessingError ||
    error instanceof UnsupportedOperationError ||
    error instanceof WWWAuthenticateChallengeError
  return isCoded ? error.code : error instanceof Error ? error.name : undefined
}

const isProtocolError = (error: unknown) =>
  error instanceof AuthorizationResponseError || error instanceof ResponseBodyError
