import type { ApiAddress } from '../../core/api-address.ts'
import { areas } from '../contract/areas.ts'
import type { Route } from '../contract/definition.ts'
import { responseHeaders } from '../contract/headers.ts'
import { SESSION_COOKIE } from '../session-cookie.ts'
import { describeOperation } from './describe-operation.ts'
import { describeNamedSchemas } from './json-schema.ts'
import { describeProblemExamples } from './problem-answers.ts'

const STEP_UP = '/api/v1/auth/step-up' satisfies ApiAddress

const DESCRIPTION = `A user-management API: accounts, sign-in, profiles, sessions and compliance.

Errors are \`application/problem+json\` (RFC 9457) with a stable \`code\`. Bodies are JSON of at most 64 KiB, and unknown members are refused. Times are RFC 3339 in UTC.

An operation whose security names \`step-up\` requires a sign-in within the last five minutes. Otherwise it answers 401 \`step_up_required\`: call \`POST ${STEP_UP}\` and try again. \`admin\` requires that role at the time of the call.`

/** Builds the OpenAPI 3.1 document of these routes. Pages for people are left out. */
export function buildDocument(routes: readonly Route[]): object {
  return {
    openapi: '3.1.1',
    info: {
      title: 'Latchkey',
      version: '1',
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: Object.entries(areas).map(([name, description]) => ({ name, description })),
    paths: describePaths(routes),
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'The access token from a sign-in.',
        },
        sessionCookie: {
          type: 'apiKey',
          in: 'cookie',
          name: SESSION_COOKIE,
          description: 'The refresh token in cookie mode. Requires an allowed `Origin`.',
        },
      },
      schemas: describeNamedSchemas(),
      headers: responseHeaders,
      examples: describeProblemExamples(),
    },
  }
}

function describePaths(routes: readonly Route[]): Record<string, object> {
  const byPath = Map.groupBy(
    routes.filter(({ operation }) => operation),
    ({ path }) => openApiPath(path),
  )
  return Object.fromEntries([...byPath].map(([path, sharing]) => [path, describePath(sharing)]))
}

const describePath = (routes: readonly Route[]): object =>
  Object.fromEntries(
    routes.flatMap((route) =>
      route.operation === undefined ? [] : [[route.method.toLowerCase(), describeOperation(route, route.operation)]],
    ),
  )

/** `/users/:id` becomes `/users/{id}`. */
const openApiPath = (path: string): string => path.replace(/:([a-z_]+)/g, '{$1}')
