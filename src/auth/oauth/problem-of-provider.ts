import type { SignInFailure } from '../../core/audit-event.ts'
import type { ProblemCode } from '../../core/errors.ts'
import { ProviderError, type ProviderFailure } from '../../core/identity-provider.ts'

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

/** What a provider's failure is called here. @throws whatever else it was */
export function namingOf(error: unknown): Naming {
  if (error instanceof ProviderError) return namings[error.failure]
  throw error
}
