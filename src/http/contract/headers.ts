import { DEVICE_COOKIE } from '../device-cookie.ts'
import { SESSION_COOKIE } from '../session-cookie.ts'

const text = { type: 'string' } as const

/** Request headers that some operations look at. */
export const requestHeaders = {
  'if-match': {
    description: 'The `ETag` of the version that the change is based on, or a list of them.',
    schema: text,
  },
  'x-d1-bookmark': {
    description: 'The bookmark of an earlier answer: this read may then come from a replica that is at least as new.',
    schema: text,
  },
  'sec-gpc': {
    description: 'Global Privacy Control: `1` records an opt-out of sale and sharing.',
    schema: { type: 'string', enum: ['1'] },
  },
  'idempotency-key': {
    description: 'Up to 64 printable characters. The same key and body within 24 hours get the first answer again.',
    schema: { type: 'string', minLength: 1, maxLength: 64 },
  },
} as const
export type RequestHeader = keyof typeof requestHeaders

/** Response headers that mean something to a client, by their names in `components.headers`. */
export const responseHeaders = {
  'x-request-id': { description: 'Names this request in logs and in the audit trail.', schema: text },
  etag: { description: 'Version of the resource, for `If-Match`.', schema: text },
  'x-d1-bookmark': { description: 'Send it with the next read.', schema: text },
  location: { description: 'Where the resource is.', schema: text },
  link: { description: 'The next page, `rel="next"`, if there is one.', schema: text },
  'retry-after': { description: 'Seconds.', schema: { type: 'integer' } },
  ratelimit: { description: 'What is left, and when it is full again.', schema: text },
  'ratelimit-policy': { description: 'The limit that was reached.', schema: text },
  'www-authenticate': { description: 'RFC 6750, RFC 9470.', schema: text },
  'set-cookie': { description: `In cookie mode \`${SESSION_COOKIE}\` and \`${DEVICE_COOKIE}\`.`, schema: text },
} as const
export type ResponseHeader = keyof typeof responseHeaders
