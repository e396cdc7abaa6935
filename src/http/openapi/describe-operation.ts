import { consentDocumentSchema } from '../../core/consent.ts'
import type { Answer } from '../contract/answers.ts'
import type { Access, DescribedOperation, Route } from '../contract/definition.ts'
import { requestHeaders } from '../contract/headers.ts'
import { describeInput, type JsonSchema, referTo } from './json-schema.ts'
import { describeProblems, problemCodesOf } from './problem-answers.ts'

/** Builds an Operation Object. @see https://spec.openapis.org/oas/v3.1.1.html#operation-object */
export function describeOperation(route: Route, operation: DescribedOperation): object {
  const { id, area, summary, description } = operation
  const parameters = [
    ...pathParameters(route),
    ...queryParameters(route, operation),
    ...headerParameters(route, operation),
  ]
  return {
    operationId: id,
    tags: [area],
    summary,
    ...(description && { description }),
    security: describeSecurity(route.access, operation.acceptsAlso),
    ...(parameters.length > 0 && { parameters }),
    ...(route.body && { requestBody: describeBody(route, operation) }),
    responses: {
      ...Object.fromEntries(
        Object.entries(operation.answers).map(([status, answer]) => [status, describeAnswer(answer)]),
      ),
      ...describeProblems(problemCodesOf(route, operation)),
    },
  }
}

/**
 * The security requirement. OpenAPI 3.1 allows role names in the list of a scheme: the user must have them;
 * the client does not send them.
 */
function describeSecurity(access: Access, acceptsAlso: DescribedOperation['acceptsAlso'] = []): object[] {
  if (access === 'public') return [{}, ...acceptsAlso.map((scheme) => ({ [scheme]: [] }))]
  return [{ bearer: rolesOf(access) }]
}

/** `admin-step-up` requires both. */
const rolesOf = (access: Access): string[] => ['admin', 'step-up'].filter((role) => access.includes(role))

const describeBody = (route: Route, { example }: DescribedOperation) => ({
  required: route.hasOptionalBody !== true,
  content: {
    'application/json': {
      schema: route.body && describeInput(route.body),
      ...(example && { example: example() }),
    },
  },
})

function describeAnswer(answer: string | Answer): object {
  if (typeof answer === 'string') return describeAnswer({ description: answer })
  const { description, schema, example, raw, headers = [] } = answer
  const names = ['x-request-id', ...headers]
  return {
    description,
    headers: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }])),
    ...((schema || typeof raw === 'string') && {
      content: {
        ...(schema && { 'application/json': { schema: referTo(schema), example: example?.() } }),
        ...(typeof raw === 'string' && { [raw]: { schema: { type: 'string' } } }),
      },
    }),
  }
}

const UUID = { type: 'string', format: 'uuid' }
const schemasByName: Readonly<Record<string, JsonSchema>> = {
  id: UUID,
  user_id: UUID,
  document: describeInput(consentDocumentSchema),
}

function pathParameters({ path }: Route): object[] {
  return [...path.matchAll(/:([a-z_]+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: schemasByName[name] ?? { type: 'string' },
  }))
}

function queryParameters({ query }: Route, { exampleQuery }: DescribedOperation): object[] {
  if (query === undefined) return []
  const { properties = {}, required = [] } = describeInput(query) as {
    readonly properties?: Readonly<Record<string, JsonSchema>>
    readonly required?: readonly string[]
  }
  const example = exampleQuery?.() ?? {}
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
    ...(name in example && { example: example[name] }),
  }))
}

function headerParameters({ isIdempotent }: Route, { headers = [] }: DescribedOperation): object[] {
  const names = [...headers, ...(isIdempotent ? (['idempotency-key'] as const) : [])]
  return names.map((name) => ({ name, in: 'header', required: false, ...requestHeaders[name] }))
}
