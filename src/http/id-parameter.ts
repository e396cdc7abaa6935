import * as z from 'zod'
import { AppError } from '../core/errors.ts'
import { type UserId, userIdSchema } from '../core/ids.ts'
import type { HttpContext } from './environment.ts'

/** Ids are made in lower case. */
const idSchema = z.uuidv4().lowercase()

/** The `:id` of a path. @throws AppError `not_found` for what cannot be an id */
export function idParameter(c: HttpContext): string {
  const id = idSchema.safeParse(c.req.param('id'))
  if (!id.success) throw new AppError('not_found')
  return id.data
}

/** The user that a path names. @throws AppError `not_found` for what cannot be an id */
export function userIdParameter(c: HttpContext, parameter: 'id' | 'user_id' = 'id'): UserId {
  const id = userIdSchema.safeParse(c.req.param(parameter))
  if (!id.success) throw new AppError('not_found')
  return id.data
}
