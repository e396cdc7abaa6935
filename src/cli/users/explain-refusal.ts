import { isProblem } from '../../client/problem.ts'

/**
 * Says what an operator can do about a refusal.
 * @returns the same error if there is nothing to add
 */
export function explainRefusal(error: unknown, url: string): unknown {
  if (!isProblem(error)) return error
  const page = (path: string) => new URL(`/account/${path}`, url).href
  switch (error.code) {
    case 'enrolment_required':
      return new Error(
        `the account must add a second factor before it can sign in. Do that at ${page('sign-in')}. Where that is ` +
          'impossible: latchkey admin reset-factors EMAIL',
      )
    case 'factor_enrolment_required':
      return new Error(`operators need a second factor. Add an authenticator app at ${page('security')}`)
    case 'second_factor_required':
      return new Error(
        'your second factors are used up, locked or of a former domain. Another operator has to reset them, or: ' +
          'latchkey admin reset-factors EMAIL',
      )
    case 'rate_limited':
      return new Error(`${error.message}. Try again in ${inWords(error.retryAfterSeconds ?? 60)}`)
    default:
      return error
  }
}

const inWords = (seconds: number): string =>
  seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`
