import type { AnswerSchema } from '../../core/answer-schema.ts'
import type { ResponseHeader } from './headers.ts'

/** One shape, or the shapes that an answer is one of. */
export type Shapes = AnswerSchema<unknown> | readonly AnswerSchema<unknown>[]

/** What a status means, and what comes with it. */
export interface Answer {
  readonly description: string
  /** Of a JSON body. */
  readonly schema?: Shapes
  /** Made by the code that shapes the answer, where there is such code. */
  readonly example?: () => unknown
  readonly headers?: readonly ResponseHeader[]
  /** The handler makes the response itself: a redirect, a file, or this media type beside JSON. */
  readonly raw?: true | 'text/csv'
}

/** By status. A text alone describes an answer without a body. */
export type DocumentedAnswers = Readonly<Record<number, string | Answer>>

/** Holds the example of each answer to the members of the schema beside it. */
export type WithExamples<Declared extends DocumentedAnswers> = {
  readonly [Status in keyof Declared]: Declared[Status] extends { readonly schema: infer Schema }
    ? { readonly example?: () => Example<OutputOf<Schema>> }
    : unknown
}

/** The same members. A test holds the values of enumerations, which the compiler takes for any text here. */
export type Example<Value> = Value extends string
  ? string
  : Value extends readonly (infer Item)[]
    ? readonly Example<Item>[]
    : Value extends object
      ? { readonly [Name in keyof Value]: Example<Value[Name]> }
      : Value

/** What a handler may answer: a status that is declared, with the body that its schema has. */
export type Reply<Declared extends DocumentedAnswers> = {
  [Status in keyof Declared & number]: ReplyWith<Status, Declared[Status]>
}[keyof Declared & number]

type ReplyWith<Status extends number, Declared> =
  | (Declared extends { readonly raw: true | 'text/csv' } ? Response : never)
  | (Declared extends { readonly schema: infer Schema }
      ? { readonly status: Status; readonly body: OutputOf<Schema>; readonly headers?: ReplyHeaders }
      : Declared extends { readonly raw: true }
        ? never
        : { readonly status: Status; readonly headers?: ReplyHeaders })

type OutputOf<Schema> =
  Schema extends AnswerSchema<infer Output>
    ? Output
    : Schema extends readonly AnswerSchema<infer Output>[]
      ? Output
      : never

type ReplyHeaders = Readonly<Record<string, string>>

/** A reply of any route, as the frame sees it. */
export type AnyReply = Response | { readonly status: number; readonly body?: unknown; readonly headers?: ReplyHeaders }

/** Answers with a status alone. */
export function answer<const Status extends number>(status: Status): { readonly status: Status }
/** Answers with a status and a body. */
export function answer<const Status extends number, Body>(
  status: Status,
  body: Body,
  headers?: ReplyHeaders,
): { readonly status: Status; readonly body: Body; readonly headers?: ReplyHeaders }
export function answer(status: number, body?: unknown, headers?: ReplyHeaders): AnyReply {
  return { status, ...(body !== undefined && { body }), ...(headers && { headers }) }
}
