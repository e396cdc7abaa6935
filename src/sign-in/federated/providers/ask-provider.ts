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
 * Turns whatever the protocol library throws into one of our failures. Its errors hold tokens and claims, so
 * nothing of them is passed on but a word that stands in a list.
 * @throws ProviderError
 */
export async function askProvider<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof ProviderError) throw error
    const isAnswer = error instanceof AuthorizationResponseError
    throw new ProviderError(isAnswer ? failureOf(error.error) : 'rejected', reasonOf(error))
  }
}

/** RFC 6749 section 4.1.2.1. */
function failureOf(error: string) {
  if (error === 'access_denied') return 'denied'
  return error === 'server_error' || error === 'temporarily_unavailable' ? 'unavailable' : 'rejected'
}

const wordSchema = z.enum([
  // RFC 6749 sections 4.1.2.1 and 5.2.
  ...(['invalid_request', 'invalid_client', 'invalid_grant', 'invalid_scope', 'unauthorized_client'] as const),
  ...(['unsupported_response_type', 'unsupported_grant_type', 'server_error', 'temporarily_unavailable'] as const),
  // GitHub's own.
  ...(['incorrect_client_credentials', 'redirect_uri_mismatch', 'bad_verification_code'] as const),
])

/** GitHub says it in an answer with status 200, in which the library then misses the token. */
const missedSchema = z.object({ cause: z.object({ body: z.object({ error: wordSchema }) }) })

/**
 * What the provider said, where it is a word of the protocol; else the library's constant, or the error's
 * class.
 */
function reasonOf(error: unknown): string | undefined {
  const said = isSaid(error)
    ? wordSchema.safeParse(error.error).data
    : missedSchema.safeParse(error).data?.cause.body.error
  if (said !== undefined) return said
  const isCoded =
    isSaid(error) ||
    error instanceof OperationProcessingError ||
    error instanceof UnsupportedOperationError ||
    error instanceof WWWAuthenticateChallengeError
  return isCoded ? error.code : error instanceof Error ? error.name : undefined
}

const isSaid = (error: unknown) => error instanceof AuthorizationResponseError || error instanceof ResponseBodyError
