import type { Operations, PasskeyRequest } from './api.ts'
import { isProblem, ProblemError } from './problem.ts'

/** The answer to a sign-in whose account needs a second factor. There is no session yet. */
export interface SecondFactorAsked {
  readonly mfa_required: true
  /** Proves the first factor to `POST /auth/mfa`, once. */
  readonly mfa_token: string
  /** Seconds. */
  readonly expires_in: number
  /** The second factors that the account has: `passkey`, `totp`, `recovery_code`. */
  readonly methods: readonly string[]
  /** For `PublicKeyCredential.parseRequestOptionsFromJSON`, if the account has a passkey. */
  readonly public_key?: PasskeyRequest
}

/** The answer to a sign-in whose account must add a second factor first. There is no session yet. */
export interface EnrolmentAsked {
  readonly enrolment_required: true
  /**
   * For `mailEnrolmentCode`, and then `offerFirstTotp` and `addFirstTotp`, or `offerPasskeyEnrolment` and
   * `enrolPasskey`. They add a factor and finish the sign-in.
   */
  readonly enrolment_token: string
  /** Seconds. */
  readonly expires_in: number
  /** What can be added: `passkey` (also a security key), `totp`. */
  readonly methods: readonly string[]
}

/**
 * A second factor. A recovery code and the answer of a passkey (`toJSON` of the credential) work at a sign-in
 * only.
 */
export type SecondFactor =
  | { readonly totp: string }
  | { readonly recovery_code: string }
  | { readonly credential: PublicKeyCredentialAnswer }

type PublicKeyCredentialAnswer = NonNullable<Operations['proveSecondFactor']['body']['credential']>

/** What the client asks `secondFactor` for. */
export interface SecondFactorPrompt {
  readonly purpose: 'sign-in' | 'step-up'
  /** What can be given: `totp`, and at a sign-in `passkey` and `recovery_code`, if the account has them. */
  readonly methods: readonly string[]
  /**
   * For `PublicKeyCredential.parseRequestOptionsFromJSON`, where `methods` has `passkey`. One answer is
   * judged.
   */
  readonly publicKey?: PasskeyRequest
  /** How many codes the service has rejected since the first prompt. */
  readonly rejected: number
}

export type AskSecondFactor = (
  prompt: SecondFactorPrompt,
) => SecondFactor | undefined | Promise<SecondFactor | undefined>

/** A sign-in proved the first factor, and no `secondFactor` gave the second one. */
export class SecondFactorRequiredError extends ProblemError {
  readonly asked: SecondFactorAsked

  constructor(asked: SecondFactorAsked) {
    super(unfinished('mfa_required', 'The sign-in needs a second factor'), undefined)
    this.asked = asked
  }
}

/** A sign-in proved the first factor, and the account must add a second one. */
export class EnrolmentRequiredError extends ProblemError {
  readonly asked: EnrolmentAsked

  constructor(asked: EnrolmentAsked) {
    super(unfinished('enrolment_required', 'The account must add a second factor'), undefined)
    this.asked = asked
  }
}

/**
 * Codes that the service rejects before the client gives up: as many as it compares in a quarter of an hour.
 */
const MAX_REJECTED = 5

/**
 * Asks for a second factor until the service accepts one.
 * @returns the answer of `attempt`; undefined if nothing was given at the first prompt
 * @throws ProblemError `invalid_second_factor` if nothing was given at a later prompt, or after five prompts
 */
export async function askUntilAccepted<T, Factor extends SecondFactor>(
  ask: (prompt: SecondFactorPrompt) => Factor | undefined | Promise<Factor | undefined>,
  prompt: Omit<SecondFactorPrompt, 'rejected'>,
  attempt: (factor: Factor) => Promise<T>,
): Promise<T | undefined> {
  let rejection: unknown
  for (let rejected = 0; rejected < MAX_REJECTED; rejected++) {
    const factor = await ask({ ...prompt, rejected })
    if (factor === undefined) break
    try {
      return await attempt(factor)
    } catch (error) {
      if (!isProblem(error, 'invalid_second_factor')) throw error
      rejection = error
    }
  }
  if (rejection !== undefined) throw rejection
  return undefined
}

export const isSecondFactorAsked = (answer: unknown): answer is SecondFactorAsked =>
  isObject(answer) && answer.mfa_required === true

export const isEnrolmentAsked = (answer: unknown): answer is EnrolmentAsked =>
  isObject(answer) && answer.enrolment_required === true

const isObject = (answer: unknown): answer is Readonly<Record<string, unknown>> =>
  typeof answer === 'object' && answer !== null

/**
 * The service answered with success. The client makes an error of it, so that no caller takes it for a
 * session.
 */
const unfinished = (code: string, title: string) => ({
  type: `urn:latchkey:problem:${code}`,
  title,
  status: 200,
  instance: '',
  code,
  request_id: '',
})
