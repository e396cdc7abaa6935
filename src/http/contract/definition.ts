import type * as z from 'zod'
import type { ProblemCode } from '../../core/errors.ts'
import type { LimitName } from '../../core/rate-limit-policies.ts'
import type { EmailAddress } from '../../identity/email/email-address.ts'
import type { HttpContext } from '../environment.ts'
import type { DocumentedAnswers } from './answers.ts'
import type { Area } from './areas.ts'
import type { RequestHeader } from './headers.ts'

/**
 * Who may call a route. `bearer`: a valid access token whose session the verb checks in its own statement.
 * `step-up`: the same, and signed in within five minutes. `admin`, `admin-step-up`: likewise, and everything
 * that the verb asks of the database is refused unless the user is an admin at that moment.
 */
export type Access = 'public' | 'bearer' | 'step-up' | 'admin' | 'admin-step-up'

/** How often a route may be called: a policy of core/rate-limit-policies.ts. */
export interface RouteLimits<Body extends z.ZodType> {
  readonly policy: LimitName
  /** The e-mail address that a request is about, where the policy counts by it. */
  readonly email?: (body: z.output<Body>) => EmailAddress
  /** The verb counts in its own first batch, which saves a wait. */
  readonly isCountedByVerb?: true
  /** The first batch of the verb counts, and fails as a whole over the quota. The verb knows of no quota. */
  readonly isCountedWithWork?: true
}

/** What the API document says of an operation beyond its route. */
export interface DescribedOperation {
  /** Unique; code generators name their functions after it. */
  readonly id: string
  readonly area: Area
  /** A few words in the imperative, without a full stop. */
  readonly summary: string
  readonly description?: string
  /** Of the body; it must be acceptable. */
  readonly example?: () => unknown
  /** Of the query, where a request must have one. */
  readonly exampleQuery?: () => Readonly<Record<string, unknown>>
  /** Request headers that the handler looks at. */
  readonly headers?: readonly RequestHeader[]
  /** Codes beyond those that access, limits, body and query entail. */
  readonly problems?: readonly ProblemCode[]
  /** Other credentials than its access says, on a route that is public because it looks for itself. */
  readonly acceptsAlso?: readonly ('bearer' | 'sessionCookie')[]
  readonly answers: DocumentedAnswers
}

export interface RouteDefinition<Body extends z.ZodType, Query extends z.ZodType> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Hono's pattern, from the root. */
  readonly path: string
  readonly access: Access
  /** Every route that is not GET has one, and so has whatever hashes or mails (SECURITY.md T5). */
  readonly limits?: RouteLimits<Body>
  /**
   * Hashes a password, so it waits in line for the processor, and is refused at once when the line is full.
   */
  readonly hashesPassword?: true
  /** A client's D1 bookmark may send the read to a replica; elsewhere everything is read from the primary. */
  readonly acceptsBookmark?: true
  /** Acts once for one `Idempotency-Key`. Its handler calls the verb through `once`. */
  readonly isIdempotent?: true
  /** Opened by a browser as it follows a link: a refusal is a page where HTML is preferred. */
  readonly isNavigated?: true
  /** No body at all stands for `{}`. */
  readonly hasOptionalBody?: true
  /**
   * Hands out personal data, or the audit trail, in bulk: always, or when this says so of a request. Such a
   * request takes a recent sign-in, so that a stolen access token alone carries nothing away.
   */
  readonly handsOutInBulk?: 'always' | ((c: HttpContext, query: z.output<Query>) => boolean)
  /** Strict schema of the JSON body; without it no body is read. */
  readonly body?: Body
  /** Strict schema of the query; without it the query is not looked at. */
  readonly query?: Query
  readonly handle: (c: HttpContext, body: z.output<Body>, query: z.output<Query>) => Promise<Response>
  /** What the API document says of it. Pages for people are not in the document. */
  readonly operation?: DescribedOperation
}

/** A route whose body and query types have been checked against its handler. */
export type Route = RouteDefinition<z.ZodType, z.ZodType>

/** Declares a page for people, or what belongs to one: a route that the API document leaves out. */
export const plainRoute = <Body extends z.ZodType, Query extends z.ZodType>(
  definition: RouteDefinition<Body, Query>,
): Route => definition as unknown as Route
