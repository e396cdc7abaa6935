import * as z from 'zod'
import { type AnswerSchema, namedSchemas } from '../../core/answer-schema.ts'
import { emailAddressSchema } from '../../identity/email/email-address.ts'
import { importedLineSchema, importedUserSchema } from '../../identity/user-import/parse-imported-user.ts'
import type { Shapes } from '../contract/answers.ts'
import { problemView } from '../problem-view.ts'

/** A JSON Schema of draft 2020-12, as OpenAPI 3.1 takes it. */
export type JsonSchema = Readonly<Record<string, unknown>>

const DIALECT = 'https://json-schema.org/draft/2020-12/schema'

/** `#/components/schemas/<id>` of every named schema, as they were first read, and of problems at the end. */
export function describeNamedSchemas(): Readonly<Record<string, JsonSchema>> {
  referTo(problemView)
  const { schemas } = z.toJSONSchema(namedSchemas, { uri: pointerTo, io: 'output' })
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, bare(schema)]))
}

/**
 * What a client may send. What cannot be said in JSON Schema (a refinement, a canonical form) is left out.
 */
export function describeInput(schema: z.ZodType): JsonSchema {
  const described = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === emailAddressSchema) jsonSchema.format = 'email'
      if (zodSchema === importedLineSchema) Object.assign(jsonSchema, describeInput(importedUserSchema))
    },
  })
  return bare(JSON.parse(JSON.stringify(described, loosenRecursion)))
}

/** Names the shape of an answer, or the shapes that it is one of. */
export function referTo(shapes: Shapes): JsonSchema {
  if (isList(shapes)) return { anyOf: shapes.map(referTo) }
  // The schema is among the named ones from the moment that it is read.
  const id = namedSchemas.get(shapes.schema)?.id
  if (id === undefined) throw new Error('the schema of an answer has no name')
  return { $ref: pointerTo(id) }
}

const isList = (shapes: Shapes): shapes is readonly AnswerSchema<unknown>[] => Array.isArray(shapes)

/**
 * The one recursive schema is "any JSON", for which `true` says the same; its reference would leave its
 * document.
 */
const loosenRecursion = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && '$ref' in value ? true : value

function bare(schema: object): JsonSchema {
  return Object.fromEntries(
    Object.entries(schema).filter(([key, value]) => key !== '$id' && key !== '$defs' && value !== DIALECT),
  )
}

export const pointerTo = (id: string): string => `#/components/schemas/${id}`
