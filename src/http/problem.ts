import type { Context as HonoContext } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { AppError, ProblemCode, UsedQuota } from '../core/errors.ts'

interface ProblemKind {
  readonly status: ContentfulStatusCode
  readonly title: string
  /** Seconds for `Retry-After` when the error names none. */
  readonly retryAfterSeconds?: number
  /** `WWW-Authenticate` of a 401 (RFC 6750, RFC 9470). The needed level is added as `acr_values`. */
  readonly challenge?: string
}

const BEARER = 'Bearer realm="latchkey"'

/** The status, title and extra headers of every problem code. Nothing else in the code defines them. */
export const problems = {
  malformed_json: { status: 400, title: 'The request body is not valid JSON' },
  invalid_token: { status: 400, title: 'The token is invalid, expired or already used' },
  invalid_state: {
    status: 400,
    title: 'The sign-in was not started in this browser, has expired, or is already complete',
  },
  invalid_credentials: { status: 401, title: 'The e-mail address or password is wrong', challenge: BEARER },
  passkey_removed: { status: 401, title: 'The passkey was removed from the account', challenge: BEARER },
  invalid_second_factor: {
    status: 401,
    title: 'The second factor is wrong or already used, or the request that asked for it has expired',
    challenge: BEARER,
  },
  invalid_mail_code: { status: 401, title: 'The mailed code is missing or wrong', challenge: BEARER },
  invalid_access_token: {
    status: 401,
    title: 'The access token is missing, invalid, expired or revoked',
    challenge: `${BEARER}, error="invalid_token"`,
  },
  invalid_refresh_token: {
    status: 401,
    title: 'The refresh token is invalid, expired or already used',
    challenge: `${BEARER}, error="invalid_token"`,
  },
  step_up_required: {
    status: 401,
    title: 'A recent sign-in is required',
    challenge: `${BEARER}, error="insufficient_user_authentication", max_age="300"`,
  },
  factor_enrolment_required: { status: 403, title: 'A second factor must be set up first' },
  second_factor_required: { status: 403, title: 'The account needs a second factor' },
  account_suspended: { status: 403, title: 'The account is suspended' },
  account_deleted: { status: 403, title: 'The account is deleted but can still be restored' },
  access_denied: { status: 403, title: 'The user or the provider denied access' },
  provider_email_unverified: { status: 403, title: 'The provider returned no verified e-mail address' },
  email_unverified: { status: 403, title: 'The e-mail address is not verified yet' },
  password_reset_required: { status: 403, title: 'A password reset is required before the next sign-in' },
  forbidden: { status: 403, title: 'You do not have the required role' },
  origin_not_allowed: { status: 403, title: 'The origin is not allowed' },
  https_required: { status: 403, title: 'HTTPS is required' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  email_taken: { status: 409, title: 'The e-mail address is already registered' },
  last_admin: { status: 409, title: 'At least one active admin must remain' },
  state_conflict: { status: 409, title: 'The current state does not allow this operation' },
  identity_taken: { status: 409, title: 'The identity is already linked to an account' },
  passkey_known: { status: 409, title: 'The passkey is already registered' },
  passkey_limit: { status: 409, title: 'The account has as many passkeys as it may have' },
  last_credential: { status: 409, title: 'The last way to sign in cannot be removed' },
  factor_required: { status: 409, title: 'The account needs this second factor' },
  no_factor: { status: 409, title: 'The account has no second factor' },
  request_in_progress: {
    status: 409,
    title: 'A request with this Idempotency-Key is still in progress',
    retryAfterSeconds: 2,
  },
  proof_not_published: {
    status: 409,
    title: 'The published log does not have the event yet',
    retryAfterSeconds: 300,
  },
  precondition_failed: { status: 412, title: 'The resource has changed since it was read' },
  payload_too_large: { status: 413, title: 'The request body is larger than 64 KiB' },
  unsupported_media_type: { status: 415, title: 'The request body must be application/json' },
  validation_failed: { status: 422, title: 'The request is invalid' },
  idempotency_key_reused: { status: 422, title: 'The Idempotency-Key was used for a different request' },
  rate_limited: { status: 429, title: 'Too many requests', retryAfterSeconds: 60 },
  internal_error: { status: 500, title: 'Internal server error' },
  provider_rejected: { status: 502, title: 'The response of the provider is invalid' },
  provider_unavailable: { status: 503, title: 'The provider is unavailable', retryAfterSeconds: 5 },
  unavailable: { status: 503, title: 'The service is temporarily unavailable', retryAfterSeconds: 5 },
  misconfigured: { status: 503, title: 'The service is not configured correctly', retryAfterSeconds: 60 },
} as const satisfies Record<ProblemCode, ProblemKind>

/** The text as a problem code; undefined for any other text. */
export const problemCodeOf = (text: string | null): ProblemCode | undefined =>
  Object.keys(problems).find((code): code is ProblemCode => code === text)

/**
 * Answers with a problem document (RFC 9457). The document contains nothing from the request except its path
 * and its id.
 */
export function problemResponse(c: HonoContext, error: AppError): Response {
  const kind: ProblemKind = problems[error.code]
  c.set('problem', error.code)
  const { detail, errors, allow, quota, neededLevel } = error.options
  const retryAfterSeconds = error.options.retryAfterSeconds ?? quota?.resetSeconds ?? kind.retryAfterSeconds
  const headers: Record<string, string> = { 'content-type': 'application/problem+json; charset=utf-8' }
  if (kind.challenge !== undefined)
    headers['www-authenticate'] = kind.challenge + (neededLevel === undefined ? '' : `, acr_values="${neededLevel}"`)
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

/**
 * draft-ietf-httpapi-ratelimit-headers, section 2: structured fields. The remaining quota is always 0,
 * because only a rejected request gets them.
 */
const describeQuota = ({ name, count, windowSeconds, resetSeconds }: UsedQuota): Record<string, string> => ({
  'ratelimit-policy': `"${name}";q=${count};w=${windowSeconds}`,
  ratelimit: `"${name}";r=0;t=${resetSeconds}`,
})
