import type { AssuranceLevel } from './assurance.ts'

/** Stable codes of all problems that can end a request (the `code` of a problem document). */
export type ProblemCode =
  | 'malformed_json'
  | 'invalid_token'
  | 'invalid_state'
  | 'invalid_credentials'
  | 'passkey_removed'
  | 'invalid_access_token'
  | 'invalid_refresh_token'
  | 'step_up_required'
  | 'second_factor_required'
  | 'invalid_second_factor'
  | 'invalid_mail_code'
  | 'factor_enrolment_required'
  | 'account_suspended'
  | 'account_deleted'
  | 'email_unverified'
  | 'password_reset_required'
  | 'forbidden'
  | 'access_denied'
  | 'provider_email_unverified'
  | 'origin_not_allowed'
  | 'https_required'
  | 'not_found'
  | 'method_not_allowed'
  | 'email_taken'
  | 'last_admin'
  | 'state_conflict'
  | 'identity_taken'
  | 'passkey_known'
  | 'passkey_limit'
  | 'last_credential'
  | 'factor_required'
  | 'no_factor'
  | 'request_in_progress'
  | 'proof_not_published'
  | 'precondition_failed'
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'validation_failed'
  | 'idempotency_key_reused'
  | 'rate_limited'
  | 'internal_error'
  | 'provider_rejected'
  | 'provider_unavailable'
  | 'unavailable'
  | 'misconfigured'

/**
 * A member of a body or query that failed validation: a pointer (RFC 6901) and a sentence for the developer.
 */
export interface FieldProblem {
  readonly pointer: string
  readonly detail: string
}

/** A quota that is used up, with the values of the headers `RateLimit-Policy` and `RateLimit`. */
export interface UsedQuota {
  /** `address`, `email`, `session`, `user` or `burst`. */
  readonly name: string
  readonly count: number
  readonly windowSeconds: number
  readonly resetSeconds: number
}

interface AppErrorOptions {
  readonly detail?: string
  readonly errors?: readonly FieldProblem[]
  readonly retryAfterSeconds?: number
  readonly quota?: UsedQuota
  readonly allow?: readonly string[]
  /** The level that the sign-in must have, for `step_up_required`. */
  readonly neededLevel?: AssuranceLevel
}

/**
 * Ends the request with a problem document. The client sees `detail`, which never holds a value that the
 * client sent.
 */
export class AppError extends Error {
  readonly code: ProblemCode
  readonly options: AppErrorOptions

  constructor(code: ProblemCode, options: AppErrorOptions = {}) {
    super(code)
    this.name = 'AppError'
    this.code = code
    this.options = options
  }
}
