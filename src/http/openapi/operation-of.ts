import * as z from 'zod'
import type { AnswerSchema } from '../../core/answer-schema.ts'
import type { Answers, Answer as Declared } from '../contract/answers.ts'
import type { Route } from '../contract/definition.ts'
import type { Answer, Operation } from './operation.ts'

/** What the document says of a route; undefined for a page. */
export function operationOf(route: Route): Operation | undefined {
  const { operation } = route
  if (operation === undefined) return undefined
  const { area, example, answers, ...text } = operation
  return { ...text, body: example?.(), tag: area, answers: describe(answers) }
}

/** What the document says of routes, by method and path. */
export const describedOperations = (routes: readonly Route[]): ReadonlyMap<string, Operation> =>
  new Map(
    routes.flatMap((route) => {
      const operation = operationOf(route)
      return operation === undefined ? [] : [[`${route.method} ${route.path}`, operation] as const]
    }),
  )

const describe = (answers: Answers): Operation['answers'] =>
  Object.fromEntries(
    Object.entries(answers).map(([status, answer]) => [
      status,
      typeof answer === 'string' ? { description: answer } : toAnswer(answer),
    ]),
  )

function toAnswer({ schema, example, raw, ...rest }: Declared): Answer {
  return {
    ...rest,
    ...(schema && { schema: schemaOf(schema) }),
    ...(example && { example: example() }),
    ...(raw !== undefined && raw !== true && { type: raw }),
  }
}

function schemaOf(shapes: NonNullable<Declared['schema']>): z.ZodType {
  return isList(shapes) ? z.union(shapes.map(({ schema }) => schema)) : shapes.schema
}

const isList = (shapes: NonNullable<Declared['schema']>): shapes is readonly AnswerSchema<unknown>[] =>
  Array.isArray(shapes)
