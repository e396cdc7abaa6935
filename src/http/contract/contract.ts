import type * as z from 'zod'
import type { HttpContext } from '../environment.ts'
import type { AnyReply, DocumentedAnswers, Example, Reply, WithExamples } from './answers.ts'
import { type DescribedOperation, plainRoute, type Route, type RouteDefinition } from './definition.ts'

/**
 * Everything about one endpoint: who may call it, its input, its answers, and its handler.
 */
export interface Contract<Body extends z.ZodType, Query extends z.ZodType, Declared extends DocumentedAnswers>
  extends Omit<RouteDefinition<Body, Query>, 'handle' | 'operation'>,
    Omit<DescribedOperation, 'example' | 'exampleQuery' | 'answers'> {
  /** Example of the body. */
  readonly example?: () => Example<z.input<Body>>
  /** Example of the query, where a query is required. */
  readonly exampleQuery?: () => Example<z.input<Query>>
  readonly answers: Declared & WithExamples<Declared>
  /** Returns only answers that `answers` declares; the compiler checks this. */
  readonly handle: (c: HttpContext, body: z.output<Body>, query: z.output<Query>) => Promise<Reply<Declared>>
}

/**
 * Declares an endpoint. The OpenAPI document, the typed client, the endpoint table in the README and the
 * sample requests of the tests are all derived from this declaration.
 */
export function route<Body extends z.ZodType, Query extends z.ZodType, const Declared extends DocumentedAnswers>(
  contract: Contract<Body, Query, Declared>,
): Route {
  const {
    id,
    area,
    summary,
    description,
    example,
    exampleQuery,
    headers,
    problems,
    acceptsAlso,
    answers,
    handle,
    ...rest
  } = contract
  const text = { id, area, summary, description, example, exampleQuery, headers, problems, acceptsAlso, answers }
  return plainRoute({
    ...rest,
    operation: text as DescribedOperation,
    async handle(c, body, query) {
      return respond(c, await handle(c, body, query))
    },
  })
}

function respond(c: HttpContext, reply: AnyReply): Response {
  if (reply instanceof Response) return reply
  const { status, headers } = reply
  // Hono's types need one literal status. The real status is any that the contract declares; the casts do not
  // change the response.
  if ('body' in reply) return c.json(reply.body as never, status as 200, headers)
  return c.body(null, status as 204, headers)
}
