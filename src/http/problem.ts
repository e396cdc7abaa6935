import type { Context as HonoContext } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { AppError, ProblemCode, UsedQuota } from '../core/errors.ts'

interface ProblemKind {
  readonly status: ContentfulStatusCode
  readonly title: string
  /** Seconds for `Retry-After` when the error names none. */
  readonly retryAfterSeconds?: number
  /** `WWW-Authenticate` of a 401 (RFC 6750, RFC 9470). */
  readonly challenge?: string
}

const BEARER = 'Bearer realm="latchkey"'

/** The one place that knows which status a code has. */
export const problems = {
  malformed_json: { status: 400, title: 'The body is not acceptable JSON' },
  invalid_token: { status: 400, title: 'The token is invalid, expired or already used' },
  invalid_state: {
    status: 400,
    title: 'This sign-in was not started in this browser, has expired, or is already over',
  },
  invalid_credentials: { status: 401, title: 'The e-mail address or the password is wrong', challenge: BEARER },
  invalid_access_token: {
    status: 401,
    title: 'The access token is missing, invalid or no longer accepted',
    challenge: `${BEARER}, error="invalid_token"`,
  },
  invalid_refresh_token: {
    status: 401,
    title: 'The refresh token is invalid, expired or already used',
    challenge: `${BEARER}, error="invalid_token"`,
  },
  step_up_required: {
    status: 401,
    title: 'This needs a recent sign-in',
    challenge: `${BEARER}, error="insufficient_user_authentication", max_age="300"`,
  },
  account_suspended: { status: 403, title: 'The account is suspended' },
  account_deleted: { status: 403, title: 'The account is deleted; its owner can still restore it' },
  access_denied: { status: 403, title: 'Access was denied at the provider' },
  provider_email_unverified: { status: 403, title: 'The provider gave no verified e-mail address' },
  email_unverified: { status: 403, title: 'The e-mail address is not verified yet' },
  password_reset_required: { status: 403, title: 'The password must be reset before the next sign-in' },
  forbidden: { status: 403, title: 'This needs a role that you do not have' },
  origin_not_allowed: { status: 403, title: 'The origin is not allowed' },
  https_required: { status: 403, title: 'Only HTTPS is accepted' },
  not_found: { status: 404, title: 'There is nothing here' },
  method_not_allowed: { status: 405, title: 'The method is not allowed here' },
  email_taken: { status: 409, title: 'The e-mail address is already registered' },
  last_admin: { status: 409, title: 'The last admin stays an active admin' },
  state_conflict: { status: 409, title: 'The account is not in a state that allows this' },
  identity_taken: { status: 409, title: 'The identity is already linked to an account' },
  last_credential: { status: 409, title: 'This is the last way to sign in' },
  request_in_progress: {
    status: 409,
    title: 'A request with this Idempotency-Key is still running',
    retryAfterSeconds: 2,
  },
  precondition_failed: { status: 412, title: 'The resource has changed since it was read' },
  payload_too_large: { status: 413, title: 'The body is larger than 64 KiB' },
  unsupported_media_type: { status: 415, title: 'The body must be application/json' },
  validation_failed: { status: 422, title: 'The request is not valid' },
  idempotency_key_reused: { status: 422, title: 'The Idempotency-Key was used for another request' },
  rate_limited: { status: 429, title: 'Too many requests', retryAfterSeconds: 60 },
  internal_error: { status: 500, title: 'Something went wrong on our side' },
  provider_rejected: { status: 502, title: "The provider's answer is not acceptable" },
  provider_unavailable: { status: 503, title: 'The provider does not answer', retryAfterSeconds: 5 },
  unavailable: { status: 503, title: 'The service cannot answer right now', retryAfterSeconds: 5 },
  misconfigured: { status: 503, title: 'The service is not configured', retryAfterSeconds: 60 },
} as const satisfies Record<ProblemCode, ProblemKind>

/** The code, if it is one of ours. */
export const problemCodeOf = (text: string | null): ProblemCode | undefined =>
  Object.keys(problems).find((code): code is ProblemCode => code === text)

/**
 * Answers with a problem document (RFC 9457). Nothing in it comes from the request but its path and its id.
 */
export function problemResponse(c: HonoContext, error: AppError): Response {
  const kind: ProblemKind = problems[error.code]
  c.set('problem', error.code)
  const { detail, errors, allow, quota } = error.options
  const retryAfterSeconds = error.options.retryAfterSeconds ?? quota?.resetSeconds ?? kind.retryAfterSeconds
  const headers: Record<string, string> = { 'content-type': 'application/problem+json; charset=utf-8' }
  if (kind.challenge !== undefined) headers['www-authenticate'] = kind.challenge
  if (retryAfterSeconds !== undefined) headers['retry-after'] = String(retryAfterSeconds)
  if (quota !== undefined) Object.assign(headers, describeQuota(quota))
  if (allow !== undefined) headers.allow = allow.join(', ')
  const body = {
    type: `urn:latchkey:problem:${error.code}`,
    title: kind.title,
    status: kind.status,
    ...(detail !== undefined && { detail }),
    instance: new URL(c.req.url).pathname,
    code: error.code,
    request_id: c.get('requestId') as string,
    ...(errors !== undefined && { errors }),
  }
  return c.body(JSON.stringify(body), kind.status, headers)
}

/** draft-ietf-httpapi-ratelimit-headers, section 2: structured fields, here always with nothing remaining. */
const describeQuota = ({ name, count, windowSeconds, resetSeconds }: UsedQuota): Record<string, string> => ({
  'ratelimit-policy': `"${name}";q=${count};w=${windowSeconds}`,
  ratelimit: `"${name}";r=0;t=${resetSeconds}`,
})
