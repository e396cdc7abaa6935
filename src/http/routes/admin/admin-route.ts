import * as z from 'zod'
import { AppError } from '../../../core/errors.ts'
import { type UserId, userIdSchema } from '../../../core/ids.ts'
import { operatorNoteSchema, operatorReasons } from '../../../core/operator.ts'
import type { HttpContext } from '../../environment.ts'
import { type Route, type RouteDefinition, route } from '../../route.ts'

export const ADMIN_PATH = '/api/v1/admin'

type AdminRoute<Body extends z.ZodType, Query extends z.ZodType> = Omit<
  RouteDefinition<Body, Query>,
  'access' | 'acceptsBookmark'
>

/**
 * Declares an operators' route below `/admin`: nothing but a GET goes without a recent sign-in (R6), or without a quota,
 * which is that of all operators' changes unless the route names another.
 */
export const adminRoute = <Body extends z.ZodType, Query extends z.ZodType>(
  definition: AdminRoute<Body, Query>,
): Route =>
  route({
    ...(definition.method !== 'GET' && { limits: { policy: 'operate', isCountedWithWork: true } as const }),
    ...definition,
    path: ADMIN_PATH + definition.path,
    access: definition.method === 'GET' ? 'admin' : 'admin-step-up',
  })

export const reasonSchema = z.enum(operatorReasons)

/** Members that every change takes: why, and what else there is to say. */
export const operationFields = { reason: reasonSchema, note: operatorNoteSchema.optional() }

/** The user that a path names. @throws AppError `not_found` for what cannot be an id */
export function userIdOf(c: HttpContext, parameter: 'id' | 'user_id' = 'id'): UserId {
  const id = userIdSchema.safeParse(c.req.param(parameter))
  if (!id.success) throw new AppError('not_found')
  return id.data
}

const wholeNumber = z.string().regex(/^\d{1,9}$/, 'must be a whole number')

/** Query member: how many of a page, as text. */
export const limitSchema = (fallback: number, max: number) =>
  wholeNumber.transform(Number).pipe(z.number().min(1).max(max)).default(fallback)

/** The last millisecond that RFC 3339 can write in UTC; an offset leads beyond it. */
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z')

/** Query or body member: an RFC 3339 time with its offset, as Unix milliseconds. */
export const timeSchema = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .refine((ms) => ms <= LAST_MS, 'must be before the year 10000 in UTC')

/** Links to the next page with the same filters. */
export function linkNextPage(c: HttpContext, nextCursor: string | null): void {
  if (nextCursor === null) return
  const url = new URL(c.req.url)
  url.searchParams.set('cursor', nextCursor)
  c.header('link', `<${url.pathname}${url.search}>; rel="next"`)
}
