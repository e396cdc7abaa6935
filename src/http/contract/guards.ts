import type { MiddlewareHandler } from 'hono'
import type * as z from 'zod'
import { checkBurstLimit } from '../../rate-limits/check-burst-limit.ts'
import { countWithWork } from '../../rate-limits/count-with-work.ts'
import { limitRequest } from '../../rate-limits/limit-request.ts'
import { authenticate, requireRecentSignIn } from '../../sessions/authenticate.ts'
import type { HttpContext, HttpEnvironment } from '../environment.ts'
import type { Route, RouteLimits } from './definition.ts'

/** A refusal may then be a page. */
export const markNavigated: MiddlewareHandler<HttpEnvironment> = async (c, next) => {
  c.set('isNavigated', true)
  await next()
}

/**
 * Authenticates as the route's `access` says, and names the actor.
 * @throws AppError `invalid_access_token`, `step_up_required`
 */
export function guardOf({ access, path }: Route): MiddlewareHandler<HttpEnvironment> {
  return async (c, next) => {
    if (access !== 'public') {
      const principal = await authenticate(c.get('ctx'), c.req.header('authorization'))
      if (access === 'step-up' || access === 'admin-step-up') requireRecentSignIn(c.get('ctx'), principal)
      const { userId, sessionId } = principal
      c.set('principal', principal)
      if (access === 'admin' || access === 'admin-step-up') {
        const { asOperator } = await import('../../operators/as-operator.ts')
        c.set('ctx', asOperator(c.get('ctx'), principal, path))
      } else c.set('ctx', { ...c.get('ctx'), actor: { type: 'user', userId, sessionId } })
    }
    await next()
  }
}

/**
 * Behind the query, which may say whether it is bulk; `step-up` routes have asked already.
 * @throws AppError `step_up_required`
 */
export function guardBulk({ handsOutInBulk: rule, query }: Route): MiddlewareHandler<HttpEnvironment> {
  return async (c, next) => {
    if (rule === 'always' || rule?.(c, query && valid(c, 'query')))
      requireRecentSignIn(c.get('ctx'), c.get('principal'))
    await next()
  }
}

/** What `validateBody` or `validateQuery` has found valid. */
export const valid = (c: HttpContext, part: 'json' | 'query') => c.req.valid(part as never)

/** Stops a flood before anything else is done. @throws AppError `rate_limited` */
export const burstLimitFor = ({ policy }: RouteLimits<z.ZodType>): MiddlewareHandler<HttpEnvironment> => {
  return async (c, next) => {
    await checkBurstLimit(c.get('ctx'), policy)
    await next()
  }
}

/** After the burst limit, so that a flood that it refuses slows no hash down. */
export const noteShortRequest: MiddlewareHandler<HttpEnvironment> = async (c, next) => {
  c.get('ctx').passwords.noteShortRequest()
  await next()
}

/**
 * Before anything is read, counted or asked: a request that the line has no room for costs next to nothing.
 */
export const assertCapacity: MiddlewareHandler<HttpEnvironment> = async (c, next) => {
  c.get('ctx').passwords.assertCapacity()
  await next()
}

/** Behind everything that needs no store: a request whose body never ends takes no place in the line. */
export const waitInLine: MiddlewareHandler<HttpEnvironment> = async (c, next) => {
  const { passwords } = c.get('ctx')
  passwords.enterQueue()
  try {
    await passwords.waitUntilNear()
    await next()
  } finally {
    passwords.leaveQueue()
  }
}

/** Counts the request, or has its work count it. @throws AppError `rate_limited` */
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
