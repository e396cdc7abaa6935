import * as z from 'zod'
import { namedSchemas } from '../../core/answer-schema.ts'
import { messageView } from '../../core/message-view.ts'
import { ownShape } from '../../profile/profile-shape.ts'

export { namedSchemas }

/** Answers are described strictly: a member that the document does not know fails the tests. */
export function named<Shape extends z.ZodRawShape>(id: string, shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const schema = z.strictObject(shape)
  namedSchemas.add(schema, { id })
  return schema
}

export const time = z.iso.datetime()
const orNull = <Schema extends z.ZodType>(schema: Schema) => z.union([schema, z.null()])
export const nullableText = orNull(z.string())
export const nullableTime = orNull(time)

export const messageSchema = messageView.schema

export const deviceTokenSchema = named('DeviceToken', { device_token: z.string() })

export const profileSchema = named('Profile', {
  ...ownShape(),
  updated_at: time,
})

export const meSchema = named('Me', {
  id: z.uuid(),
  email: z.string(),
  is_verified: z.boolean(),
  status: z.string(),
  roles: z.array(z.string()),
  created_at: time,
  last_login_at: nullableTime,
  profile: profileSchema,
})

export const deletionSchema = named('Deletion', {
  status: z.literal('deleted'),
  purge_after: time,
  restore_until: time,
})
