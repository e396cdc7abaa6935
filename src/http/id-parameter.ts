import * as z from 'zod'
import { AppError } from '../core/errors.ts'
import { type SessionId, sessionIdSchema, type UserId, userIdSchema } from '../core/ids.ts'
import type { HttpContext } from './environment.ts'

/** Ids are always created in lower case. */
const idSchema = z.uuidv4().lowercase()

const eventIdSchema = z.uuidv7().lowercase()

/** The parameter `:id` of a path. @throws AppError `not_found` for a text that is not an id */
export const idParameter = (c: HttpContext): string => parse(idSchema, c.req.param('id'))

/** The session id in a path. @throws AppError `not_found` for a text that is not an id */
export const sessionIdParameter = (c: HttpContext): SessionId => parse(sessionIdSchema, c.req.param('id'))

/** The user id in a path. @throws AppError `not_found` for a text that is not an id */
export const userIdParameter = (c: HttpContext, parameter: 'id' | 'user_id' = 'id'): UserId =>
  parse(userIdSchema, c.req.param(parameter))

/** The id of an event in a path, a UUID v7. @throws AppError `not_found` for a text that is not an id */
export const eventIdParameter = (c: HttpContext): string => parse(eventIdSchema, c.req.param('id'))

function parse<Schema extends z.ZodType>(schema: Schema, text: string | undefined): z.output<Schema> {
  const id = schema.safeParse(text)
  if (!id.success) throw new AppError('not_found')
  return id.data
}
