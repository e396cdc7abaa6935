import type { MiddlewareHandler } from 'hono'
import type * as z from 'zod'
import type { AssuranceLevel } from '../../core/assurance.ts'
import { limitPolicy } from '../../core/rate-limit-policies.ts'
import { levelOfOperators } from '../../core/two-step-policy.ts'
import { checkBurstLimit } from '../../rate-limits/check-burst-limit.ts'
import { countWithWork } from '../../rate-limits/count-with-work.ts'
import { limitRequest } from '../../rate-limits/limit-request.ts'
import { authenticate, requireStepUp } from '../../sessions/authenticate.ts'
import type { HttpContext, HttpEnvironment } from '../environment.ts'
import type { Access, Route, RouteLimits } from './definition.ts'

/** Marks the request as a browser navigation, so that an error may be answered with a page. */
export const markNavigated: MiddlewareHandler<HttpEnvironment> = async (c, next) => {
  c.set('isNavigated', true)
  await next()
}

/**
 * Authenticates the request as the route's `access` requires, and sets the principal and the actor.
 * @throws AppError `invalid_access_token`, `step_up_required`
 */
export function guardOf({ access, path }: Route): MiddlewareHandler<HttpEnvironment> {
  return async (c, next) => {
    if (access !== 'public') {
      const caller = await authenticate(c.get('ctx'), c.req.header('authorization'))
      const principal = access.endsWith('step-up') ? requireStepUp(c.get('ctx'), caller, leastLevel(c, access)) : caller
      const { userId, sessionId } = principal
      c.set('principal', principal)
      if (isForOperators(access)) {
        const { asOperator } = await import('../../operators/as-operator.ts')
        c.set('ctx', asOperator(c.get('ctx'), principal, path))
      } else c.set('ctx', { ...c.get('ctx'), actor: { type: 'user', userId, sessionId } })
    }
    await next()
  }
}

const isForOperators = (access: Access): boolean => access === 'admin' || access === 'admin-step-up'

const leastLevel = (c: HttpContext, access: Access): AssuranceLevel | undefined =>
  isForOperators(access) ? levelOfOperators(c.get('ctx').settings) : undefined

/**
 * Requires a recent sign-in for bulk exports. Runs after the query is validated, because the query may decide
 * whether the answer is bulk. Routes with `step-up` access were checked earlier.
 * @throws AppError `step_up_required`
 */
export function guardBulk({ access, handsOutInBulk: rule, query }: Route): MiddlewareHandler<HttpEnvironment> {
  return async (c, next) => {
    if (rule === 'always' || rule?.(c, query && valid(c, 'query')))
      requireStepUp(c.get('ctx'), c.get('principal'), leastLevel(c, access))
    await next()
  }
}

/** The body or query after its validation by `validateBody` or `validateQuery`. */
export const valid = (c: HttpContext, part: 'json' | 'query') => c.req.valid(part as never)

/** Rejects a burst of requests before any other work is done. @throws AppError `rate_limited` */
export const burstLimitFor = ({ limits, burstLimit }: Route): MiddlewareHandler<HttpEnvironment> => {
  return async (c, next) => {
    const ctx = c.get('ctx')
    const own = limits ? limitPolicy(ctx.settings, limits.policy).burstLimit : burstLimit
    if (own !== undefined) await checkBurstLimit(ctx, own)
    await next()
  }
}

/**
 * Tells the hash queue about a short request, so that hashing yields to it. Runs after the burst limit, so
 * that rejected requests do not slow down hashing.
 */
export const noteShortRequest: MiddlewareHandler<HttpEnvironment> = async (c, next) => {
  c.get('ctx').passwords.noteShortRequest()
  await next()
}

/**
 * Rejects the request if the hash queue is full. Runs first, before anything is read, counted or looked up,
 * so that a rejected request costs almost nothing.
 */
export const assertCapacity: MiddlewareHandler<HttpEnvironment> = async (c, next) => {
  c.get('ctx').passwords.assertCapacity()
  await next()
}

/**
 * Takes a place in the hash queue, and waits until the request is near the front. Runs after the body was
 * read and validated, so that a request whose body never ends takes no place in the queue.
 */
export const takeQueuePlace: MiddlewareHandler<HttpEnvironment> = async (c, next) => {
  const { passwords } = c.get('ctx')
  passwords.enterQueue()
  try {
    await passwords.waitUntilNear()
    await next()
  } finally {
    passwords.leaveQueue()
  }
}

/** Does the same for a request that hashes, and `noteShortRequest` for any other. */
export const takeQueuePlaceIf =
  (hashes: (body: unknown) => boolean): MiddlewareHandler<HttpEnvironment> =>
  (c, next) =>
    (hashes(valid(c, 'json')) ? takeQueuePlace : noteShortRequest)(c, next)

/**
 * Counts the request for its rate limit, or adds the count to the first batch of the verb.
 * @throws AppError `rate_limited`
 */
export function countFor({
  policy,
  email,
  isCountedWithWork,
}: RouteLimits<z.ZodType>): MiddlewareHandler<HttpEnvironment> {
  return async (c, next) => {
    const subjects = { email: email?.(valid(c, 'json')), holder: c.get('principal') }
    if (isCountedWithWork) c.set('ctx', await countWithWork(c.get('ctx'), policy, subjects))
    else await limitRequest(c.get('ctx'), policy, subjects)
    await next()
  }
}
