import type { Problem, ProblemCode } from './api.ts'

/**
 * What the service refused, or could not do. Act upon `code`; `detail` and `errors` are for the developer.
 */
export class ProblemError extends Error {
  readonly code: ProblemCode
  readonly problem: Problem
  /** Seconds to wait before another try, where the service says so. */
  readonly retryAfterSeconds: number | undefined

  constructor(problem: Problem, retryAfterSeconds: number | undefined) {
    super(problem.title)
    this.name = 'ProblemError'
    this.code = problem.code as ProblemCode
    this.problem = problem
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** `catch (error) { if (isProblem(error, 'email_taken')) … }`. Without codes: any problem. */
export const isProblem = (error: unknown, ...codes: readonly ProblemCode[]): error is ProblemError =>
  error instanceof ProblemError && (codes.length === 0 || codes.includes(error.code))

/**
 * Reads the problem out of an answer. What came from elsewhere on the way, such as a gateway, is
 * `unavailable`.
 */
export async function toProblemError(response: Response): Promise<ProblemError> {
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN)
  const isOurs = response.headers.get('content-type')?.startsWith('application/problem+json')
  const problem: Problem = isOurs ? await response.json() : foreignProblem(response)
  return new ProblemError(problem, Number.isNaN(retryAfter) ? undefined : retryAfter)
}

const foreignProblem = ({ status, url }: Response): Problem => ({
  type: 'about:blank',
  title: `The service answered ${status} without saying why`,
  status,
  instance: url,
  code: 'unavailable' satisfies ProblemCode,
  request_id: '',
})

/** What a call gets whose session is over here before the service was asked, or is another one by now. */
export const signedOutError = (): ProblemError =>
  new ProblemError(
    {
      type: 'urn:latchkey:problem:invalid_refresh_token',
      title: 'The session that this call belongs to is over in this client',
      status: 401,
      instance: '',
      code: 'invalid_refresh_token' satisfies ProblemCode,
      request_id: '',
    },
    undefined,
  )
