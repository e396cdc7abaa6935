import type { ApiAddress } from '../../core/api-address.ts'
import type { ProblemCode } from '../../core/errors.ts'
import type { DescribedOperation, Route } from '../contract/definition.ts'
import { EXAMPLE_ID } from '../examples/example-id.ts'
import { problems } from '../problem.ts'
import { problemView } from '../problem-view.ts'
import { pointerTo } from './json-schema.ts'

const ALWAYS = ['https_required', 'internal_error', 'unavailable', 'misconfigured'] as const satisfies ProblemCode[]
const OF_BODY = ['malformed_json', 'payload_too_large', 'unsupported_media_type', 'validation_failed'] as const
const OF_LEVEL = ['step_up_required', 'factor_enrolment_required', 'second_factor_required'] as const
const OF_KEY = ['request_in_progress', 'idempotency_key_reused', 'validation_failed'] as const

/**
 * Every problem code that an operation can answer with: the codes that follow from its route, and its own.
 */
export function problemCodesOf(route: Route, { problems: own = [] }: DescribedOperation): ProblemCode[] {
  const codes = new Set<ProblemCode>(own)
  if (route.access !== 'public') codes.add('invalid_access_token')
  if (route.access.includes('admin')) codes.add('forbidden')
  if (/step-up|admin/.test(route.access)) for (const code of OF_LEVEL) codes.add(code)
  if (route.body) for (const code of OF_BODY) codes.add(code)
  if (route.query) codes.add('validation_failed')
  if (route.limits || route.burstLimit) codes.add('rate_limited')
  if (route.isIdempotent) for (const code of OF_KEY) codes.add(code)
  for (const code of ALWAYS) codes.add(code)
  return [...codes]
}

/** The error answers by status, each with an example of every code. */
export function describeProblems(codes: readonly ProblemCode[]): Record<string, object> {
  const byStatus = Map.groupBy(codes, (code) => problems[code].status)
  return Object.fromEntries([...byStatus].map(([status, group]) => [status, describeStatus(group)]))
}

const describeStatus = (codes: readonly ProblemCode[]) => ({
  description: codes.map((code) => `\`${code}\`: ${problems[code].title}.`).join('\n\n'),
  headers: { ...ref('headers', 'x-request-id'), ...extraHeaders(codes) },
  content: {
    'application/problem+json': {
      schema: { $ref: pointerTo(problemView.id) },
      examples: Object.assign({}, ...codes.map((code) => ref('examples', code))),
    },
  },
})

function extraHeaders(codes: readonly ProblemCode[]): object {
  const kinds = codes.map((code) => problems[code])
  return {
    ...(kinds.some((kind) => 'challenge' in kind) && ref('headers', 'www-authenticate')),
    ...(kinds.some((kind) => 'retryAfterSeconds' in kind) && ref('headers', 'retry-after')),
    ...(codes.includes('rate_limited') && { ...ref('headers', 'ratelimit'), ...ref('headers', 'ratelimit-policy') }),
  }
}

/** For `components.examples`: a problem document for every code. */
export function describeProblemExamples(): Record<string, object> {
  const codes = Object.keys(problems) as ProblemCode[]
  return Object.fromEntries(codes.map((code) => [code, { summary: problems[code].title, value: exampleOf(code) }]))
}

const exampleOf = (code: ProblemCode) => ({
  type: `urn:latchkey:problem:${code}`,
  title: problems[code].title,
  status: problems[code].status,
  instance: '/api/v1/users/me' satisfies ApiAddress,
  code,
  request_id: EXAMPLE_ID,
  ...(code === 'validation_failed' && { errors: [{ pointer: '/email', detail: 'is required' }] }),
})

const ref = (kind: string, name: string) => ({ [name]: { $ref: `#/components/${kind}/${name}` } })
