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
export const accountSchema = named('Account', accountShape)

export const listedUserSchema = named('ListedUser', { ...accountShape, email: nullableText })
export const userListSchema = named('UserList', { users: z.array(listedUserSchema), next_cursor: nullableText })

const erasureState = z.enum(['pending', 'due', 'held', 'failed', 'completed'])
export const erasureSchema = named('Erasure', {
  user_id: z.uuid(),
  state: erasureState,
  basis: z.string(),
  requested_at: time,
  due_at: time,
  started_at: nullableTime,
  completed_at: nullableTime,
})
export const erasureListSchema = named('ErasureList', { erasures: z.array(erasureSchema), next_cursor: nullableText })

const profileMember = z.union([z.string(), z.null()])
export const viewedProfileSchema = named('ViewedProfile', {
  full_name: profileMember,
  phone_number: profileMember,
  avatar_url: profileMember,
  bio: profileMember,
  preferences: z.union([z.record(z.string(), z.unknown()), z.string(), z.null()]),
})
export const viewedUserSchema = named('ViewedUser', {
  ...accountShape,
  email: nullableText,
  profile: z.union([viewedProfileSchema, z.null()]),
  has_password: z.boolean(),
  live_sessions: z.int(),
  erasure: z.union([erasureSchema, z.null()]),
  data_key: z.string(),
  is_revealed: z.boolean(),
})

export const lockSchema = named('Lock', {
  kind: z.enum(['lock', 'limit']),
  policy: z.string(),
  by: z.string(),
  count: z.int(),
  quota: z.int(),
  is_blocked: z.boolean(),
  ends_at: time,
})

export const lockListSchema = named('LockList', { locks: z.array(lockSchema) })
export const clearedSchema = named('Cleared', { cleared: z.int() })

export const auditEventSchema = named('AuditEvent', {
  id: z.uuid(),
  occurred_at: time,
  action: z.string(),
  outcome: z.enum(['success', 'failure']),
  actor_type: z.enum(['anonymous', 'user', 'system']),
  actor_id: nullableText,
  subject_id: nullableText,
  request_id: z.string(),
  detail: z.unknown(),
  is_archived: z.boolean(),
  ip: z.string().optional(),
  user_agent: z.string().optional(),
  city: z.string().optional(),
  country: z.string().optional(),
  note: z.string().optional(),
})
export const auditPageSchema = named('AuditPage', {
  events: z.array(auditEventSchema),
  next_cursor: nullableText,
  complete_since: time,
})

export const verificationSchema = named('Verification', {
  ok: z.boolean(),
  from: z.int(),
  to: z.int(),
  events: z.int(),
  head: z.strictObject({ sequence: z.int(), event_count: z.int() }),
  unsigned_tail: z.boolean(),
  finding: z.union([z.strictObject({ kind: z.string(), sequence: z.int(), message: z.string() }), z.null()]),
  next_after: z.union([z.int(), z.null()]),
})

const openShape = {
  open: z.strictObject({ pending: z.int(), due: z.int(), held: z.int(), failed: z.int() }),
  oldest_due_at: nullableTime,
}
export const runAnswerSchema = named('ErasureRun', { dry_run: z.boolean(), ...openShape })

export const receiptSchema = named('Receipt', { user_id: z.uuid(), completed_at: time, receipt: z.string() })

export const statsSchema = named('Stats', {
  users: z.record(z.string(), z.int()),
  registered_last_day: z.int(),
  last_hour: z.record(z.string(), z.int()),
  erasures: z.strictObject(openShape),
  audit: z.strictObject({ archived_events: z.int(), segments: z.int(), late_events: z.int(), dead_letters: z.int() }),
  mail: z.strictObject({ open_jobs: z.int(), oldest_open_at: nullableTime }),
  jobs: z.array(z.strictObject({ job: z.string(), last_finished_at: nullableTime })),
})

const rootKeySchema = z.strictObject({
  version: z.int(),
  state: z.enum(['current', 'in_use', 'drained', 'unused', 'missing']),
  is_trusted: z.boolean(),
  first_seen_at: nullableTime,
  wrapped_keys: z.int().nullable(),
  indexes: z.int(),
  passwords: z.int(),
})

const keyRunSchema = z.strictObject({
  job: z.string(),
  started_at: time,
  finished_at: nullableTime,
  counts: z.record(z.string(), z.int()),
})

export const keyProgressSchema = named('KeyProgress', {
  current_version: z.int(),
  versions: z.array(rootKeySchema),
  passwords_without_pepper: z.int(),
  sessions_settled_at: nullableTime,
  signing: z.strictObject({ current: z.string(), published: z.array(z.string()), revoked: z.array(z.string()) }),
  runs: z.array(keyRunSchema),
})

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
