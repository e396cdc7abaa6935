import type { ApiAddress } from '../../core/api-address.ts'

/** An answer of the API; `status` is 0 if there was no answer. */
export interface TaskAnswer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
  readonly retryAfterSeconds?: number
}

/** The part of an API path after `/api/v1/`. */
export type PagePath = RestOf<ApiAddress>

type RestOf<Path> = Path extends `/api/v1/${infer Rest}` ? Rest : never

type Method = 'POST' | 'GET' | 'PUT' | 'PATCH' | 'DELETE'

export type JsonMembers = Readonly<Record<string, unknown>>

/** Sends JSON to a path under `/api/v1/`, with an access token if there is one. Never throws. */
export type Send = (
  path: PagePath,
  body: JsonMembers | undefined,
  accessToken?: string,
  method?: Method,
) => Promise<TaskAnswer>

/** Values of the elements of a row, and its `id`. An element without a value is hidden. */
export type FactRow = Readonly<Record<string, string | undefined>>

/** Values of the page's elements, by the name of a fact. An element without a value is hidden. */
export type Facts = Readonly<Record<string, string | readonly FactRow[] | undefined>>

/** What the page shows next. */
export type TaskOutcome =
  /** Another state. `notice` is the name of a message about what was just done. */
  | { readonly kind: 'view'; readonly name: string; readonly facts?: Facts; readonly notice?: string }
  /** The same form, with the reason why it was rejected. */
  | { readonly kind: 'message'; readonly name: string; readonly retryAfterSeconds?: number }
  | { readonly kind: 'fields'; readonly problems: readonly FieldMessage[] }
  /** The same form, as it was. */
  | { readonly kind: 'none' }
  /** The outcome of the form that a step-up had interrupted. */
  | { readonly kind: 'resumed'; readonly outcome: TaskOutcome }

export interface FieldMessage {
  /** The name of the field. */
  readonly field: string
  /** The service's reason, in English. */
  readonly detail: string
}

export const isSuccess = ({ status }: TaskAnswer): boolean => status >= 200 && status < 300

/** What a page shows after an answer that needs no other treatment. */
export const conclude = (answer: TaskAnswer, onSuccess: string): TaskOutcome =>
  isSuccess(answer) ? { kind: 'view', name: onSuccess } : explain(answer)

/** What a page shows after an answer that it did not want. */
export function explain(answer: TaskAnswer): TaskOutcome {
  const { body, retryAfterSeconds } = answer
  const problems = fieldProblems(body.errors)
  if (body.code === 'invalid_token' || problems.some(({ field }) => field === 'token'))
    return { kind: 'view', name: 'invalid_token' }
  if (problems.length > 0) return { kind: 'fields', problems }
  const name = typeof body.code === 'string' ? body.code : 'failed'
  return { kind: 'message', name, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) }
}

function fieldProblems(errors: unknown): FieldMessage[] {
  if (!Array.isArray(errors)) return []
  return errors.map(({ pointer, detail }) => ({ field: String(pointer).slice(1), detail: String(detail) }))
}
