import type { AnswerSchema } from '../../core/answer-schema.ts'
import type { ResponseHeader } from './headers.ts'

/** The schema of an answer, or a list of alternatives. */
export type Shapes = AnswerSchema<unknown> | readonly AnswerSchema<unknown>[]

/** One answer of an operation: what the status means, and its body and headers. */
export interface Answer {
  readonly description: string
  /** Schema of the JSON body. */
  readonly schema?: Shapes
  /** Example of the body. Built by the code that shapes the real answer, where such code exists. */
  readonly example?: () => unknown
  readonly headers?: readonly ResponseHeader[]
  /**
   * The handler builds the response itself: a redirect or a file (`true`), or this media type, which is an
   * alternative to JSON where there is a schema.
   */
  readonly raw?: true | 'text/csv' | 'text/plain'
}

/** The answers of an operation by status. A plain string describes an answer without a body. */
export type DocumentedAnswers = Readonly<Record<number, string | Answer>>

/** Type check: the example of each answer must have the members of that answer's schema. */
export type WithExamples<Declared extends DocumentedAnswers> = {
  readonly [Status in keyof Declared]: Declared[Status] extends { readonly schema: infer Schema }
    ? { readonly example?: () => Example<OutputOf<Schema>> }
    : unknown
}

/**
 * The same members as `Value`, with every string type widened to `string`. A test checks that examples use
 * valid enum values, because the compiler does not.
 */
export type Example<Value> = Value extends string
  ? string
  : Value extends readonly (infer Item)[]
    ? readonly Example<Item>[]
    : Value extends object
      ? { readonly [Name in keyof Value]: Example<Value[Name]> }
      : Value

/** What a handler may return: a declared status, with a body of that status's schema. */
export type Reply<Declared extends DocumentedAnswers> = {
  [Status in keyof Declared & number]: ReplyWith<Status, Declared[Status]>
}[keyof Declared & number]

type ReplyWith<Status extends number, Declared> =
  | (Declared extends { readonly raw: true | 'text/csv' | 'text/plain' } ? Response : never)
  | (Declared extends { readonly schema: infer Schema }
      ? { readonly status: Status; readonly body: OutputOf<Schema>; readonly headers?: ReplyHeaders }
      : Declared extends { readonly raw: true | 'text/plain' }
        ? never
        : { readonly status: Status; readonly headers?: ReplyHeaders })

type OutputOf<Schema> =
  Schema extends AnswerSchema<infer Output>
    ? Output
    : Schema extends readonly AnswerSchema<infer Output>[]
      ? Output
      : never

type ReplyHeaders = Readonly<Record<string, string>>

/** A reply of any route, with its types erased. */
export type AnyReply = Response | { readonly status: number; readonly body?: unknown; readonly headers?: ReplyHeaders }

/** A reply with a status and no body. */
export function answer<const Status extends number>(status: Status): { readonly status: Status }
/** A reply with a status and a body. */
export function answer<const Status extends number, Body>(
  status: Status,
  body: Body,
  headers?: ReplyHeaders,
): { readonly status: Status; readonly body: Body; readonly headers?: ReplyHeaders }
export function answer(status: number, body?: unknown, headers?: ReplyHeaders): AnyReply {
  return { status, ...(body !== undefined && { body }), ...(headers && { headers }) }
}
