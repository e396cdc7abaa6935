import type { Finished } from '../../../../client/client.ts'
import { isProblem } from '../../../../client/problem.ts'
import { call } from '../../shared/client.ts'
import { messageOf, type Refusal, Refused } from '../../shared/explain.ts'
import { forgetRequest, keepRequest, readRequest } from './kept-request.ts'
import type { Typed } from './use-journey.ts'

/** Has a code and a link mailed to an address. */
export async function askForMail({ email, fullName, consents }: Typed): Promise<void> {
  const previous = readRequest()?.request
  const body = { email, ...(previous !== undefined && { previous }) }
  const { request, expires_in: seconds } =
    fullName === undefined
      ? await call('requestSignInCode', { body })
      : await call('requestSignUp', { body: { ...body, full_name: fullName, ...(consents?.length && { consents }) } })
  keepRequest({ request, expiresAtMs: Date.now() + seconds * 1000, search: location.search })
}

/**
 * Signs in with the code or the link of the mail.
 * @throws Refused `took_too_long` if this browser has no request, and like `call`
 */
export async function confirmMail(
  proof: { readonly code: string } | { readonly token: string },
): Promise<Finished<'confirmSignInCode'>> {
  const kept = readRequest()
  if (kept === undefined) throw new Refused('took_too_long')
  try {
    const answer = await call('confirmSignInCode', { body: { request: kept.request, ...proof } })
    forgetRequest()
    return answer
  } catch (error) {
    // The request is used up by the right proof, also where something else is needed to sign in.
    if (isProblem(error, 'mfa_required', 'enrolment_required')) forgetRequest()
    throw error
  }
}

class CodesUsedUp extends Refused {
  override readonly refusal: Refusal

  constructor(retryAfterSeconds: number | undefined) {
    super()
    this.refusal = { fields: {}, message: messageOf('mail_codes_used_up', retryAfterSeconds) }
  }
}

/** What is said about a code that was refused. */
export function explainCode(error: unknown): unknown {
  if (isProblem(error, 'validation_failed')) return new Refused('mail_code_refused')
  if (isProblem(error, 'invalid_token')) return new Refused('mail_code_wrong')
  // The service counts codes, and the link works when they are used up.
  if (isProblem(error, 'rate_limited')) return new CodesUsedUp(error.retryAfterSeconds)
  return error
}
