import * as z from 'zod'
import { named, nullableText, nullableTime, time } from './schemas.ts'

const accountShape = {
  id: z.uuid(),
  status: z.enum(['active', 'suspended', 'deleted']),
  is_verified: z.boolean(),
  roles: z.array(z.string()),
  created_at: time,
  last_login_at: nullableTime,
  suspended_at: nullableTime,
  suspended_until: nullableTime,
  password_reset_required: z.boolean(),
  deleted_at: nullableTime,
  purge_after: nullableTime,
  is_erased: z.boolean(),
  legal_hold: z.union([z.strictObject({ reason: z.string(), placed_at: time }), z.null()]),
}
const refusalSchema = z.strictObject({ line: z.int(), code: z.string(), member: nullableText })

const importShape = {
  id: z.uuid(),
  started_at: time,
  updated_at: time,
  finished_at: nullableTime,
  next_line: z.int(),
  imported: z.int(),
  refused: z.int(),
}
export const importSchema = named('Import', importShape)
export const importReportSchema = named('ImportReport', {
  ...importShape,
  refusals: z.array(refusalSchema),
  next_cursor: nullableText,
})
export const importedLinesSchema = named('ImportedLines', {
  next_line: z.int(),
  imported: z.array(z.strictObject({ line: z.int(), id: z.uuid() })),
  refused: z.array(refusalSchema),
})

const { is_erased: _, ...exportedShape } = accountShape
export const exportedUserSchema = named('ExportedUser', {
  ...exportedShape,
  is_readable: z.boolean(),
  email: nullableText,
  erasure_basis: nullableText,
  full_name: nullableText.optional(),
  phone_number: nullableText.optional(),
  avatar_url: nullableText.optional(),
  bio: nullableText.optional(),
  preferences: z.union([z.record(z.string(), z.unknown()), z.null()]).optional(),
  identities: z.array(z.strictObject({ provider: z.string(), provider_id: z.string() })),
  password_hash: nullableText.optional(),
})
export const exportedUsersSchema = named('ExportedUsers', {
  users: z.array(exportedUserSchema),
  next_cursor: nullableText,
})
