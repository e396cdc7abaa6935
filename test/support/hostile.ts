import fc from 'fast-check'
import * as z from 'zod'
import type { Route } from '../../src/http/contract/definition.ts'
import { ORIGIN } from './api.ts'

/** One request as text, so that fast-check can shrink and print it. */
export interface HostileRequest {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** The body as it is sent. Undefined sends none. */
  readonly body: string | undefined
  readonly isSignedIn: boolean
}

const texts = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  'x\udfff@example.com',
  'a\r\nBcc: all@example.com',
  '\u202egnp.exe',
  'раураl@example.com',
  'ａｄａ＠example.com',
  "' OR 1=1 --",
  '"); DROP TABLE users; --',
  '__proto__',
  'constructor',
  '{{7*7}}<script>alert(1)</script>',
  '../../keys/system',
  '%00%2e%2e%2f',
  'x'.repeat(10_000),
  'ü'.repeat(600),
  '🔑'.repeat(300),
  `${'a'.repeat(245)}@example.com`,
  'a@b@example.com',
  'lk_rt_00000000-0000-4000-8000-000000000000.0.AAAA',
  'lk_reset_00000000-0000-4000-8000-000000000000.AAAA',
  '9999999999999999999999',
  '-1',
  'NaN',
  '1e999',
  '2026-02-30T25:61:61Z',
]

/** Any JSON value, with values that are known to break parsers. */
const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom<unknown>(...texts) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.emailAddress() },
  { weight: 1, arbitrary: fc.uuid() },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(null, true, false, 0, -1, 1e308, 2 ** 53, [], {}, [[[]]]) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
)

const member = fc.constantFrom('role', 'id', 'user_id', 'constructor', 'toString', 'is_verified', '', 'a\0b')

/** Bodies that JSON.stringify cannot produce. */
const rawBody = (keys: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constantFrom(
      ...['', ' ', 'null', '[]', '"text"', '{', '{"a":1}{', '\ufeff{}', '{"__proto__":{"role":"admin"}}', '{"a":NaN}'],
      '['.repeat(500),
      `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`,
      `{"a":"${'x'.repeat(66_000)}"}`,
      String.raw`{"\u005f_proto__":1}`,
      String.raw`{"email":"\ud800","password":"\u0000"}`,
    ),
    fc.constantFrom(...keys, 'email').map((key) => `{"${key}":"a","${key}":"b"}`),
    fc.string({ unit: 'binary', maxLength: 40 }),
  )

/** Headers contain no NUL and no line break, because the platform refuses these before the Worker runs. */
const headerText = fc.oneof(
  fc.constantFrom('', '*', 'null', '"1"', 'W/"0"', 'x'.repeat(10_000), 'Bearer', 'Bearer a.b.c', 'a=b; __Host-lk_rt=x'),
  fc.constantFrom(ORIGIN, 'https://evil.test', 'text/plain', 'application/json; charset=utf-16', 'multipart/form-data'),
  fc.stringMatching(/^[\x21-\x7e]{1,80}$/),
)

const HEADERS = [
  ...['content-type', 'authorization', 'cookie', 'origin', 'if-match', 'idempotency-key', 'x-d1-bookmark', 'range'],
  ...['user-agent', 'accept-language', 'accept', 'x-forwarded-for', 'x-forwarded-host', 'sec-gpc', 'x-http-method'],
]

const network = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)).map((parts) => `10.${parts.join('.')}`)

const headers = fc
  .tuple(fc.dictionary(fc.constantFrom(...HEADERS), headerText, { maxKeys: 3 }), network)
  .map(([some, ip]) => ({ ...some, 'cf-connecting-ip': ip }))

/** Members of the route's own schema: acceptable, hostile or missing, with or without an unknown member. */
function schemaBody({ body }: Route, sample: unknown): fc.Arbitrary<string> {
  const keys = body instanceof z.ZodObject ? Object.keys(body.shape) : []
  const acceptable = z.record(z.string(), z.unknown()).catch({}).parse(sample)
  const values = keys.map((key) => [
    key,
    fc.oneof({ weight: 3, arbitrary: fc.constant(acceptable[key]) }, { weight: 2, arbitrary: hostileValue }),
  ])
  const known: fc.Arbitrary<Record<string, unknown>> = fc.record(Object.fromEntries(values), { requiredKeys: [] })
  const extra = fc.oneof(
    { weight: 4, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.dictionary(member, hostileValue, { maxKeys: 2 }) },
  )
  return fc.tuple(known, extra).map(([members, more]) => JSON.stringify({ ...members, ...more }))
}

const query = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  {
    weight: 1,
    arbitrary: fc
      .dictionary(
        fc.constantFrom('limit', 'cursor', 'user_id', 'id', '__proto__'),
        fc.constantFrom(...texts.slice(0, 16)),
      )
      .map((members) => `?${new URLSearchParams(members)}`),
  },
)

/** Requests to one route, with expected and unexpected content. */
export function hostileRequests(route: Route, sample: { readonly path: string; readonly body: unknown }) {
  const keys = route.body instanceof z.ZodObject ? Object.keys(route.body.shape) : ['a']
  const parameter = fc.oneof(
    fc.constantFrom(...texts.slice(0, 17)),
    fc.uuid(),
    fc.string({ unit: 'binary', maxLength: 20 }),
  )
  const path = fc.tuple(fc.boolean(), parameter, query).map(([isSample, text, search]) => {
    const replaced = route.path.replace(/:[a-z_]+/g, () => encodeURIComponent(text.toWellFormed()))
    return (isSample ? sample.path : replaced) + search
  })
  const body = fc.oneof(
    { weight: 4, arbitrary: schemaBody(route, sample.body) },
    { weight: 1, arbitrary: rawBody(keys) },
  )
  return fc.record<HostileRequest>({
    path,
    headers,
    body: route.method === 'GET' ? fc.constant(undefined) : fc.option(body, { nil: undefined, freq: 8 }),
    isSignedIn: fc.nat(9).map((n) => n > 0),
  })
}
