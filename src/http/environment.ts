import type { Context as HonoContext } from 'hono'
import type { Context, OpenContext } from '../context.ts'
import type { ProblemCode } from '../core/errors.ts'
import type { RequestFacts } from '../core/ports.ts'
import type { Principal } from '../core/principal.ts'
import type { ServerTiming } from '../core/server-timing.ts'
import type { KeptOutcome } from '../idempotency/take-key.ts'

/** To be read with `c.get`: `c.var` copies all of them each time. */
export interface Variables {
  requestId: string
  /** The pattern of the route that was found. */
  route: string | undefined
  /** What ended the request, if it did not go well. */
  problem: ProblemCode | undefined
  /** Where `SERVER_TIMING` is on. */
  phases: ServerTiming | undefined
  ctx: Context
  bookmark: () => string | null
  /** On routes that take a body: its text, or undefined where an optional one was not sent. */
  bodyText: string | undefined
  /** Set on routes that a browser opens. */
  isNavigated: true | undefined
  /** Where the page of a refusal leads back to: an address that a sealed flow names. */
  wayBack: string | undefined
  /** Set on routes that need an access token. */
  principal: Principal
  /** On routes that are `isIdempotent`: what this attempt came to, and what an earlier one did. */
  outcome: KeptOutcome | undefined
  kept: KeptOutcome | undefined
}

/** What Hono carries from the middleware to a route. */
export interface HttpEnvironment {
  Bindings: Env
  Variables: Variables
}

export type HttpContext = HonoContext<HttpEnvironment>

/** Builds the ports for one request. @throws ConfigError when a setting is missing or wrong */
export type OpenForRequest = (env: Env, facts: RequestFacts, bookmark: string | undefined) => Promise<OpenContext>
