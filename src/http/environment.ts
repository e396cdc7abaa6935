import type { Context as HonoContext } from 'hono'
import type { Context, OpenContext } from '../context.ts'
import type { ProblemCode } from '../core/errors.ts'
import type { OpeningFacts } from '../core/ports.ts'
import type { Principal } from '../core/principal.ts'
import type { ServerTiming } from '../core/server-timing.ts'
import type { KeptOutcome } from '../idempotency/take-key.ts'

/** Read them with `c.get`: `c.var` copies all of them on every access. */
export interface Variables {
  requestId: string
  /** The path pattern of the matched route. */
  route: string | undefined
  /** The problem code of the answer; undefined for a success. */
  problem: ProblemCode | undefined
  /** Set if `SERVER_TIMING` is on. */
  phases: ServerTiming | undefined
  ctx: Context
  bookmark: () => string | null
  /** The text of the body, on routes that have one. Undefined if an optional body was not sent. */
  bodyText: string | undefined
  /** Set on routes that a browser opens as a page. */
  isNavigated: true | undefined
  /**
   * The address that an error page links back to. It comes from a sealed sign-in flow, never from the
   * request.
   */
  wayBack: string | undefined
  /** Set on routes that require an access token. */
  principal: Principal
  /** On `isIdempotent` routes: the result of this attempt. */
  outcome: KeptOutcome | undefined
  /** On `isIdempotent` routes: the stored result of an earlier attempt. */
  kept: KeptOutcome | undefined
}

/** The bindings and variables that Hono passes from middleware to routes. */
export interface HttpEnvironment {
  Bindings: Env
  Variables: Variables
}

export type HttpContext = HonoContext<HttpEnvironment>

/** Opens the context of one request. @throws ConfigError when a setting is missing or wrong */
export type OpenForRequest = (env: Env, facts: OpeningFacts, bookmark: string | undefined) => Promise<OpenContext>
