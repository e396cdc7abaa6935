import type { SignInFailure } from '../../core/audit-event.ts'
import type { ProblemCode } from '../../core/errors.ts'
import { ProviderError, type ProviderFailure } from '../../core/identity-provider.ts'
import { log } from '../../core/log.ts'

/** The error code for the application, and the reason for the audit trail. */
interface FailureCodes {
  readonly code: ProblemCode
  readonly reason: SignInFailure
}

const codesByFailure = {
  denied: { code: 'access_denied', reason: 'provider_denied' },
  unavailable: { code: 'provider_unavailable', reason: 'provider_unavailable' },
  rejected: { code: 'provider_rejected', reason: 'provider_rejected' },
  email_unverified: { code: 'provider_email_unverified', reason: 'provider_email_unverified' },
} as const satisfies Record<ProviderFailure, FailureCodes>

/**
 * Maps a provider's failure to the codes of this service. Logs the reason of a failure that the person did
 * not cause, so that the operator can find, for example, a wrong client secret. Neither the application nor
 * the audit trail gets that reason.
 * @throws any other error unchanged
 */
export function classifyProviderError(provider: string, error: unknown): FailureCodes {
  if (!(error instanceof ProviderError)) throw error
  const { failure, reason, otherMethod } = error
  if (failure === 'rejected' || failure === 'unavailable')
    log('warn', 'provider_failed', { provider, failure, reason, other_token_endpoint_auth_method: otherMethod })
  return codesByFailure[failure]
}
