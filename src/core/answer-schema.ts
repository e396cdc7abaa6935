import * as z from 'zod'

/**
 * Schemas that have a name of their own in the OpenAPI document. A schema is registered when it is first
 * read.
 */
export const namedSchemas = z.registry<{ id: string }>()

/**
 * A zod schema that is built when it is first read, so that it does not slow down the start of an isolate.
 */
export interface LazySchema<Output> {
  readonly schema: z.ZodType<Output>
}

/**
 * The shape of an answer, or of a part of one. Only the OpenAPI document, the tests and the typed client read
 * its schema.
 */
export interface AnswerSchema<Output> extends LazySchema<Output> {
  /** The name of the schema in the OpenAPI document and of the type in the client, in PascalCase. */
  readonly id: string
}

/** The type of the value that a verb returns for an answer of this shape. */
export type View<Schema> = Schema extends AnswerSchema<infer Output> ? Output : never

/**
 * Defines a named object schema. It is strict: an answer with a member that the shape does not list fails the
 * tests.
 */
export const answerSchema = <Shape extends z.ZodRawShape>(
  id: string,
  shape: () => Shape,
): AnswerSchema<z.output<z.ZodObject<Shape, z.core.$strict>>> => named(id, () => z.strictObject(shape()))

/** Defines a named schema of any other kind, such as an object that may have more members. */
export function named<Output>(id: string, build: () => z.ZodType<Output>): AnswerSchema<Output> {
  let built: z.ZodType<Output> | undefined
  return {
    id,
    get schema() {
      if (built === undefined) {
        built = build()
        namedSchemas.add(built, { id })
      }
      return built
    },
  }
}

/** A schema for a stored value that is rarely read. */
export const lazySchema = <Output>(build: () => z.ZodType<Output>): LazySchema<Output> => ({
  get schema() {
    return build()
  },
})

/** A time in RFC 3339 format, UTC. */
export const time = (): z.ZodISODateTime => z.iso.datetime()

// A union rather than `.nullable()`: its JSON Schema is `anyOf`, which every code generator understands.
export const orNull = <Schema extends z.ZodType>(schema: Schema): z.ZodUnion<[Schema, z.ZodNull]> =>
  z.union([schema, z.null()])
