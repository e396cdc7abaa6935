import * as z from 'zod'
import { namedSchemas } from '../../core/answer-schema.ts'
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

export const messageSchema = named('Message', { message: z.string() })

export const registeredSchema = named('Registered', { id: z.uuid(), message: z.string() })

const accessTokenShape = {
  /** JWT of the type `at+jwt`. */
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  /** Seconds. */
  expires_in: z.int(),
}
export const accessTokenSchema = named('AccessToken', accessTokenShape)

const tokensShape = {
  ...accessTokenShape,
  /** In cookie mode it is in the cookie, and left out here. */
  refresh_token: z.string().optional(),
  refresh_expires_in: z.int(),
}
export const tokensSchema = named('Tokens', tokensShape)

export const signInUserSchema = named('SignInUser', { id: z.uuid(), email: nullableText, is_verified: z.boolean() })

export const signInSchema = named('SignIn', {
  ...tokensShape,
  /** Send it with the next sign-in from this device. In cookie mode it is in a cookie, and left out here. */
  device_token: z.string().optional(),
  user: signInUserSchema,
})

export const deviceTokenSchema = named('DeviceToken', { device_token: z.string() })

export const restoreOfferSchema = named('RestoreOffer', {
  account_status: z.literal('deleted'),
  restore_token: z.string(),
  restore_until: time,
})

export const sessionCheckSchema = named('SessionCheck', {
  active: z.literal(true),
  user_id: z.uuid(),
  session_id: z.uuid(),
  roles: z.array(z.string()),
  amr: z.array(z.string()),
  auth_time: time,
  expires_at: time,
})

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
