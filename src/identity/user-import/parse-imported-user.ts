import * as z from 'zod'
import { type ProfileChanges, pickProfile, profileFieldSchemas } from '../../core/profile.ts'
import { type ForeignHash, type HashRefusal, parseForeignHash } from '../../crypto/passwords/foreign/parse-hash.ts'
import { type EmailAddress, emailAddressSchema } from '../email/email-address.ts'
import { type ImportedState, importedStateSchemas, importedTime, toImportedState } from './imported-state.ts'

/** A user, as exported from another system. */
export interface ImportedUser {
  readonly email: EmailAddress
  readonly isVerified: boolean
  /** Unix milliseconds; undefined if the line has no such time. */
  readonly createdAtMs: number | undefined
  /** Undefined for a user who signs in at a provider or will set a password by mail. */
  readonly password: ForeignHash | undefined
  /** The secret of the authenticator app, base32. */
  readonly totpSecret: string | undefined
  readonly profile: ProfileChanges
  readonly state: ImportedState
}

/** Why a line was refused. */
export type RefusalCode = 'not_an_object' | 'unknown_member' | 'invalid_member' | 'email_taken' | HashRefusal

/** Names the member and the rule, never the value. */
export interface LineRefusal {
  readonly code: RefusalCode
  readonly member: string | null
}

/** One user of an import. Unknown members are refused: silently dropped data would be missed too late. */
export const importedUserSchema = z.strictObject({
  email: emailAddressSchema,
  is_verified: z.boolean().default(false),
  created_at: importedTime.nullish(),
  password_hash: z.string().nullable().optional(),
  ...z.object(profileFieldSchemas).partial().shape,
  ...importedStateSchemas,
})

/** A line before validation. The OpenAPI document shows it as `importedUserSchema`. */
export const importedLineSchema = z.unknown()

/** Validates one line. @param line any parsed JSON */
export function parseImportedUser(line: unknown, now: number): ImportedUser | LineRefusal {
  const parsed = importedUserSchema.safeParse(line)
  if (!parsed.success) return refusalOf(parsed.error.issues[0])
  const { email, is_verified: isVerified, created_at, password_hash } = parsed.data
  const createdAtMs = created_at ?? undefined
  if (createdAtMs !== undefined && createdAtMs > now) return { code: 'invalid_member', member: 'created_at' }
  const state = toImportedState(parsed.data, now)
  if (typeof state === 'string') return { code: 'invalid_member', member: state }
  const password = password_hash == null ? undefined : parseForeignHash(password_hash)
  if (typeof password === 'string') return { code: password, member: 'password_hash' }
  const totpSecret = parsed.data.totp_secret ?? undefined
  return { email, isVerified, createdAtMs, password, totpSecret, profile: pickProfile(parsed.data), state }
}

export const isRefusal = (result: ImportedUser | LineRefusal): result is LineRefusal => 'code' in result

/**
 * The name of an unknown member comes from the input, so it is not repeated. Neither are names inside a known
 * member.
 */
function refusalOf(issue: z.core.$ZodIssue | undefined): LineRefusal {
  if (issue?.code === 'unrecognized_keys' && issue.path.length === 0) return { code: 'unknown_member', member: null }
  const member = issue?.path[0]
  return member === undefined
    ? { code: 'not_an_object', member: null }
    : { code: 'invalid_member', member: String(member) }
}
