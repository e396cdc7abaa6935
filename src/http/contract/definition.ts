import type * as z from 'zod'
import type { ProblemCode } from '../../core/errors.ts'
import type { BurstLimit, LimitName } from '../../core/rate-limit-policies.ts'
import type { EmailAddress } from '../../identity/email/email-address.ts'
import type { HttpContext } from '../environment.ts'
import type { DocumentedAnswers } from './answers.ts'
import type { Area } from './areas.ts'
import type { RequestHeader } from './headers.ts'

/**
 * Who may call a route. `bearer`: a request with a valid access token; the verb checks in its own statement
 * that the session is active. `step-up`: the same, with a sign-in within the last five minutes. `admin` and
 * `admin-step-up`: the same two, and in addition every database batch of the verb fails unless the user has
 * the role `admin` at that moment.
 */
export type Access = 'public' | 'bearer' | 'step-up' | 'admin' | 'admin-step-up'

/** The rate limit of a route: a policy of core/rate-limit-policies.ts, and who counts. */
export interface RouteLimits<Body extends z.ZodType> {
  readonly policy: LimitName
  /** The e-mail address in the request, where the policy counts by address. */
  readonly email?: (body: z.output<Body>) => EmailAddress
  /** The verb counts in its own first batch, which saves a round trip. */
  readonly isCountedByVerb?: true
  /**
   * The count is added to the verb's first batch, which fails as a whole when the quota is exceeded. The verb
   * contains no code for it.
   */
  readonly isCountedWithWork?: true
}

/** What the OpenAPI document needs to describe an operation, beyond the route itself. */
export interface DescribedOperation {
  /** Unique. Code generators use it as the function name. */
  readonly id: string
  readonly area: Area
  /** A few words in the imperative, without a full stop. */
  readonly summary: string
  readonly description?: string
  /** Example of the body. It must be valid. */
  readonly example?: () => unknown
  /** Example of the query, where a query is required. */
  readonly exampleQuery?: () => Readonly<Record<string, unknown>>
  /** Request headers that the handler reads. */
  readonly headers?: readonly RequestHeader[]
  /**
   * Problem codes of this operation, in addition to those that follow from access, limits, body and query.
   */
  readonly problems?: readonly ProblemCode[]
  /** Credentials that a public route accepts and checks itself. */
  readonly acceptsAlso?: readonly ('bearer' | 'sessionCookie')[]
  readonly answers: DocumentedAnswers
}

export interface RouteDefinition<Body extends z.ZodType, Query extends z.ZodType> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Hono's path pattern, from the root. */
  readonly path: string
  readonly access: Access
  /**
   * Required for every method but GET, and for every route that hashes a password or sends a mail
   * (T5 in docs/requirements.md).
   */
  readonly limits?: RouteLimits<Body>
  /** The burst limit of a public route that only reads, and that nobody counts. */
  readonly burstLimit?: BurstLimit
  /**
   * The route hashes a password: always, or when this function returns true for the body. Such a request
   * waits in the hash queue, and is rejected at once when the queue is full.
   */
  readonly hashesPassword?: true | ((body: z.output<Body>) => boolean)
  /** A request with a D1 bookmark may be read from a replica. All other routes read from the primary. */
  readonly acceptsBookmark?: true
  /**
   * Requests with the same `Idempotency-Key` act only once. The handler calls the verb through `idempotent`.
   */
  readonly isIdempotent?: true
  /**
   * A browser opens this route by following a link or redirect. Errors are a page for clients that prefer
   * HTML.
   */
  readonly isNavigated?: true
  /** A request without a body counts as `{}`. */
  readonly hasOptionalBody?: true
  /**
   * Whether a request exports personal data or the audit trail in bulk: `always`, or when this function
   * returns true for it. Such a request requires a recent sign-in, so that a stolen access token alone cannot
   * export anything.
   */
  readonly handsOutInBulk?: 'always' | ((c: HttpContext, query: z.output<Query>) => boolean)
  /** Strict schema of the JSON body. Without it, the body is not read. */
  readonly body?: Body
  /** Strict schema of the query. Without it, the query is ignored. */
  readonly query?: Query
  readonly handle: (c: HttpContext, body: z.output<Body>, query: z.output<Query>) => Promise<Response>
  /**
   * The description for the OpenAPI document. Pages for people have none and are left out of the document.
   */
  readonly operation?: DescribedOperation
}

/** A route with its types erased, after they were checked against its handler. */
export type Route = RouteDefinition<z.ZodType, z.ZodType>

/**
 * Declares a route that is not in the OpenAPI document: a page for people, or a file that such a page loads.
 */
export const plainRoute = <Body extends z.ZodType, Query extends z.ZodType>(
  definition: RouteDefinition<Body, Query>,
): Route => definition as unknown as Route
