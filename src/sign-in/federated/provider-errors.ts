import type { SignInFailure } from '../../core/audit-event.ts'
import type { ProblemCode } from '../../core/errors.ts'
import { ProviderError, type ProviderFailure } from '../../core/identity-provider.ts'
import { log } from '../../core/log.ts'

/** How one thing is called by clients, and in the audit trail. */
interface Naming {
  readonly code: ProblemCode
  readonly reason: SignInFailure
}

const namings = {
  denied: { code: 'access_denied', reason: 'provider_denied' },
  unavailable: { code: 'provider_unavailable', reason: 'provider_unavailable' },
  rejected: { code: 'provider_rejected', reason: 'provider_rejected' },
  email_unverified: { code: 'provider_email_unverified', reason: 'provider_email_unverified' },
} as const satisfies Record<ProviderFailure, Naming>

/**
 * What a provider's failure is called here. A failure that the person did not cause is logged with its
 * reason, which neither the application nor the audit trail gets: a wrong client secret would look like any
 * other refusal.
 * @throws any other error as it is
 */
export function nameFailure(provider: string, error: unknown): Naming {
  if (!(error instanceof ProviderError)) throw error
  const { failure, reason, otherMethod } = error
  if (failure === 'rejected' || failure === 'unavailable')
    log('warn', 'provider_failed', { provider, failure, reason, other_token_endpoint_auth_method: otherMethod })
  return namings[failure]
}
