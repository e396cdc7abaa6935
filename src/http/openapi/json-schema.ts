import * as z from 'zod'
import { namedSchemas } from '../../core/answer-schema.ts'
import { emailAddressSchema } from '../../identity/email-address.ts'
import { importedLineSchema, importedUserSchema } from '../../identity/imports/parse-imported-user.ts'

/** A JSON Schema of draft 2020-12, as OpenAPI 3.1 takes it. */
export type JsonSchema = Readonly<Record<string, unknown>>

const DIALECT = 'https://json-schema.org/draft/2020-12/schema'

/** `#/components/schemas/<id>` of every named schema. */
export function describeNamedSchemas(): Readonly<Record<string, JsonSchema>> {
  const { schemas } = z.toJSONSchema(namedSchemas, { uri: pointerTo, io: 'output' })
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, bare(schema)]))
}

/** What a client may send. What cannot be said in JSON Schema (a refinement, a canonical form) is left out. */
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

/** Names an answer's schema, or the named ones that it is one of. */
export function referTo(schema: z.ZodType): JsonSchema {
  const id = namedSchemas.get(schema)?.id
  if (id !== undefined) return { $ref: pointerTo(id) }
  if (schema instanceof z.ZodUnion) return { anyOf: schema.options.map((option) => referTo(option as z.ZodType)) }
  throw new Error('the schema of an answer has no name')
}

/** The one recursive schema is "any JSON", for which `true` says the same; its reference would leave its document. */
const loosenRecursion = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && '$ref' in value ? true : value

function bare(schema: object): JsonSchema {
  return Object.fromEntries(
    Object.entries(schema).filter(([key, value]) => key !== '$id' && key !== '$defs' && value !== DIALECT),
  )
}

const pointerTo = (id: string): string => `#/components/schemas/${id}`
