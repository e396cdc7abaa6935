import * as z from 'zod'

/** Schemas with a name of their own in the OpenAPI document. One is in it from its first use on. */
export const namedSchemas = z.registry<{ id: string }>()

/** A zod schema that is made when something asks for it, so that it costs a starting isolate nothing. */
export interface LazySchema<Output> {
  readonly schema: z.ZodType<Output>
}

/**
 * The shape of an answer, or of a part of one. Only the document, the tests and the typed client ask for its
 * schema.
 */
export interface AnswerSchema<Output> extends LazySchema<Output> {
  /** In PascalCase: its name in the document, and as a type of the client. */
  readonly id: string
}

/** What a verb returns for an answer of this shape. */
export type View<Schema> = Schema extends AnswerSchema<infer Output> ? Output : never

/** Names an object. Strict: a member that its shape does not know fails the tests. */
export const answerSchema = <Shape extends z.ZodRawShape>(
  id: string,
  shape: () => Shape,
): AnswerSchema<z.output<z.ZodObject<Shape, z.core.$strict>>> => named(id, () => z.strictObject(shape()))

/** Names any other schema, such as an object that may have more members. */
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

/** A schema of what is read from a store, and rarely. */
export const lazySchema = <Output>(build: () => z.ZodType<Output>): LazySchema<Output> => ({
  get schema() {
    return build()
  },
})

/** RFC 3339, UTC. */
export const time = (): z.ZodISODateTime => z.iso.datetime()

// A union and no `.nullable()`: JSON Schema then says `anyOf`, which every code generator understands.
export const orNull = <Schema extends z.ZodType>(schema: Schema): z.ZodUnion<[Schema, z.ZodNull]> =>
  z.union([schema, z.null()])
