/**
 * Why an answer of an authenticator is refused. Codes are stable, for tests and the details of events. A
 * client learns none of them.
 */
export type WebAuthnFailure =
  | 'malformed'
  | 'type'
  | 'challenge'
  | 'origin'
  | 'cross_origin'
  | 'top_origin'
  | 'rp_id'
  | 'user_presence'
  | 'user_verification'
  | 'backup_state'
  | 'backup_eligibility'
  | 'algorithm'
  | 'public_key'
  | 'credential_id'
  | 'signature'

/** A check of a ceremony failed. It never leaves this folder: the verifiers return its code. */
export class CeremonyError extends Error {
  override readonly name = 'CeremonyError'

  readonly failure: WebAuthnFailure

  constructor(failure: WebAuthnFailure) {
    super(failure)
    this.failure = failure
  }
}

/** @throws CeremonyError unless the condition holds */
export function check(condition: boolean, failure: WebAuthnFailure): asserts condition {
  if (!condition) throw new CeremonyError(failure)
}

/** Turns a refusal into a result. Any other error is a defect of this service, and is thrown on. */
export function refused(error: unknown): { readonly ok: false; readonly failure: WebAuthnFailure } {
  if (error instanceof CeremonyError) return { ok: false, failure: error.failure }
  throw error
}
