import type { Problem, ProblemCode } from './api.ts'

/**
 * An error of the service. Decide by `code`; `detail` and `errors` are for developers.
 */
export class ProblemError extends Error {
  readonly code: ProblemCode
  readonly problem: Problem
  /** Seconds to wait before another attempt, if the service sent them. */
  readonly retryAfterSeconds: number | undefined

  constructor(problem: Problem, retryAfterSeconds: number | undefined) {
    super(problem.title)
    this.name = 'ProblemError'
    this.code = problem.code as ProblemCode
    this.problem = problem
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** `catch (error) { if (isProblem(error, 'email_taken')) … }`. Without codes, it matches any problem. */
export const isProblem = (error: unknown, ...codes: readonly ProblemCode[]): error is ProblemError =>
  error instanceof ProblemError && (codes.length === 0 || codes.includes(error.code))

/**
 * Reads the problem from an answer. An error that is not from the service itself, such as one of a gateway,
 * becomes `unavailable`.
 */
export async function toProblemError(response: Response): Promise<ProblemError> {
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN)
  const isOurs = response.headers.get('content-type')?.startsWith('application/problem+json')
  const problem: Problem = isOurs ? await response.json() : foreignProblem(response)
  return new ProblemError(problem, Number.isNaN(retryAfter) ? undefined : retryAfter)
}

const foreignProblem = ({ status, url }: Response): Problem => ({
  type: 'about:blank',
  title: `The service answered ${status} without a problem document`,
  status,
  instance: url,
  code: 'unavailable' satisfies ProblemCode,
  request_id: '',
})

/** The error of a call whose session has ended in this client, or was replaced by another one. */
export const signedOutError = (): ProblemError =>
  new ProblemError(
    {
      type: 'urn:latchkey:problem:invalid_refresh_token',
      title: 'The session of this call has ended in this client',
      status: 401,
      instance: '',
      code: 'invalid_refresh_token' satisfies ProblemCode,
      request_id: '',
    },
    undefined,
  )
