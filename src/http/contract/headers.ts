import { DEVICE_COOKIE } from '../device-cookie.ts'
import { SESSION_COOKIE } from '../session-cookie.ts'

const text = { type: 'string' } as const

/** Request headers that some operations read, as the OpenAPI document describes them. */
export const requestHeaders = {
  'if-match': {
    description: 'The `ETag` of the version that this change is based on, or a list of them.',
    schema: text,
  },
  'x-d1-bookmark': {
    description: 'The bookmark of an earlier answer. The read may then come from a replica that is at least as recent.',
    schema: text,
  },
  'sec-gpc': {
    description: 'Global Privacy Control: `1` records an opt-out of sale and sharing of personal data.',
    schema: { type: 'string', enum: ['1'] },
  },
  'idempotency-key': {
    description: 'Up to 64 printable characters. For 24 hours, the same key and body get the first answer again.',
    schema: { type: 'string', minLength: 1, maxLength: 64 },
  },
} as const
export type RequestHeader = keyof typeof requestHeaders

/** Response headers that are relevant to clients, by their names in `components.headers`. */
export const responseHeaders = {
  'x-request-id': { description: 'Identifies this request in logs and in the audit trail.', schema: text },
  etag: { description: 'The version of the resource, for `If-Match`.', schema: text },
  'x-d1-bookmark': { description: 'A D1 bookmark to send with the next read.', schema: text },
  location: { description: 'The address of the resource, or the target of the redirect.', schema: text },
  link: { description: 'The next page (`rel="next"`); absent on the last page.', schema: text },
  'retry-after': { description: 'Seconds to wait before the next attempt.', schema: { type: 'integer' } },
  ratelimit: { description: 'The remaining quota, and the seconds until it is reset.', schema: text },
  'ratelimit-policy': { description: 'The rate limit that was reached.', schema: text },
  'www-authenticate': { description: 'The authentication challenge (RFC 6750, RFC 9470).', schema: text },
  'set-cookie': { description: `In cookie mode: \`${SESSION_COOKIE}\` and \`${DEVICE_COOKIE}\`.`, schema: text },
} as const
export type ResponseHeader = keyof typeof responseHeaders
