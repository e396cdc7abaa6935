import type * as z from 'zod'
import type { ProblemCode } from '../../core/errors.ts'
import type { RequestHeader, ResponseHeader } from './headers.ts'

/** What an operation answers when it does what it was asked for. */
export interface Answer {
  readonly description: string
  /** Without one, and without a type, there is no body. */
  readonly schema?: z.ZodType
  readonly example?: unknown
  /** Media type of a body that is no JSON, or may be something else. */
  readonly type?: 'text/csv'
  readonly headers?: readonly ResponseHeader[]
}

/**
 * What a document says of a route beyond the route itself. Path, access, body and query come from the route, and so do
 * the problems that they entail; `problems` names the others.
 */
export interface Operation {
  /** Unique; code generators name their functions after it. */
  readonly id: string
  /** The area of the API. */
  readonly tag: string
  readonly summary: string
  readonly description?: string
  /** Example of the body; it must be acceptable. */
  readonly body?: unknown
  readonly headers?: readonly RequestHeader[]
  readonly answers: Readonly<Record<number, Answer>>
  readonly problems?: readonly ProblemCode[]
  /** Other ways to say who asks, on a route that is public because it looks for itself. */
  readonly acceptsAlso?: readonly ('bearer' | 'sessionCookie')[]
}
