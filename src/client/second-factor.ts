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
 * A second factor. A passkey or a security key is given as `toJSON` of its credential. A recovery code works
 * at a sign-in only.
 */
export type SecondFactor =
  | { readonly totp: string }
  | { readonly recovery_code: string }
  | { readonly credential: PublicKeyCredentialAnswer }

type PublicKeyCredentialAnswer = NonNullable<Operations['proveSecondFactor']['body']['credential']>

/** What the client asks `secondFactor` for. */
export interface SecondFactorPrompt {
  readonly purpose: 'sign-in' | 'step-up'
  /**
   * What can be given: at a sign-in `passkey`, `totp` and `recovery_code`, as far as the account has them. At
   * a step-up `totp`, and `passkey` if the account has one.
   */
  readonly methods: readonly string[]
  /**
   * For `PublicKeyCredential.parseRequestOptionsFromJSON`, where `methods` has `passkey`. One answer is
   * judged.
   */
  readonly publicKey?: PasskeyRequest
  /** How many factors the service has rejected since the first prompt. */
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
 * Factors that the service rejects before the client gives up: as many as it compares in a quarter of an
 * hour.
 */
const MAX_REJECTED = 5

/**
 * Asks for a second factor until the service accepts one.
 * @returns the answer of `attempt`; undefined if nothing was given at the first prompt
 * @throws ProblemError the last rejection if nothing was given at a later prompt, or after five prompts
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
      if (!isRejection(error, factor)) throw error
      rejection = error
    }
  }
  if (rejection !== undefined) throw rejection
  return undefined
}

/** A step-up answers for a passkey as it does for a password. */
const isRejection = (error: unknown, factor: SecondFactor): boolean =>
  isProblem(error, 'invalid_second_factor') || ('credential' in factor && isProblem(error, 'invalid_credentials'))

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
