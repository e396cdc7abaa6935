import type * as z from 'zod'
import type { HttpContext } from '../environment.ts'
import type { AnyReply, DocumentedAnswers, Example, Reply, WithExamples } from './answers.ts'
import { type DescribedOperation, plainRoute, type Route, type RouteDefinition } from './definition.ts'

/**
 * Everything that is known of one endpoint: who may call it, what it takes, what it answers, and what it
 * does.
 */
export interface Contract<Body extends z.ZodType, Query extends z.ZodType, Declared extends DocumentedAnswers>
  extends Omit<RouteDefinition<Body, Query>, 'handle' | 'operation'>,
    Omit<DescribedOperation, 'example' | 'exampleQuery' | 'answers'> {
  /** Of the body. */
  readonly example?: () => Example<z.input<Body>>
  /** Of the query, where a request must have one. */
  readonly exampleQuery?: () => Example<z.input<Query>>
  readonly answers: Declared & WithExamples<Declared>
  /** Answers nothing that `answers` does not declare; the compiler checks it. */
  readonly handle: (c: HttpContext, body: z.output<Body>, query: z.output<Query>) => Promise<Reply<Declared>>
}

/**
 * Declares an endpoint. The document, the typed client, the endpoint table and the tests' samples follow from
 * it.
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
  // The status is one that the contract declares; Hono's types want to know which, and do not change the
  // answer.
  if ('body' in reply) return c.json(reply.body as never, status as 200, headers)
  return c.body(null, status as 204, headers)
}
