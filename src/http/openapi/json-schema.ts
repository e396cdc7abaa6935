import * as z from 'zod'
import { type AnswerSchema, namedSchemas } from '../../core/answer-schema.ts'
import { emailAddressSchema } from '../../identity/email/email-address.ts'
import { importedLineSchema, importedUserSchema } from '../../identity/user-import/parse-imported-user.ts'
import type { Shapes } from '../contract/answers.ts'
import { problemView } from '../problem-view.ts'

/** A JSON Schema (draft 2020-12), the version that OpenAPI 3.1 uses. */
export type JsonSchema = Readonly<Record<string, unknown>>

const DIALECT = 'https://json-schema.org/draft/2020-12/schema'

/**
 * Every named schema for `#/components/schemas/<id>`, in the order of first use. The schema of problems is
 * last.
 */
export function describeNamedSchemas(): Readonly<Record<string, JsonSchema>> {
  referTo(problemView)
  const { schemas } = z.toJSONSchema(namedSchemas, { uri: pointerTo, io: 'output' })
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, bare(schema)]))
}

/**
 * The JSON Schema of a request body or query. Rules that JSON Schema cannot express (a refinement, a
 * canonical form) are left out.
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

/** Refers to the schema of an answer, or to each of its alternatives. */
export function referTo(shapes: Shapes): JsonSchema {
  if (isList(shapes)) return { anyOf: shapes.map(referTo) }
  // Reading `shapes.schema` creates the schema and registers it in `namedSchemas`.
  const id = namedSchemas.get(shapes.schema)?.id
  if (id === undefined) throw new Error('the schema of an answer has no name')
  return { $ref: pointerTo(id) }
}

const isList = (shapes: Shapes): shapes is readonly AnswerSchema<unknown>[] => Array.isArray(shapes)

/**
 * The only recursive schema is "any JSON". Its `$ref` would point outside the document, so it is replaced by
 * `true`, which means the same.
 */
const loosenRecursion = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && '$ref' in value ? true : value

function bare(schema: object): JsonSchema {
  return Object.fromEntries(
    Object.entries(schema).filter(([key, value]) => key !== '$id' && key !== '$defs' && value !== DIALECT),
  )
}

export const pointerTo = (id: string): string => `#/components/schemas/${id}`
