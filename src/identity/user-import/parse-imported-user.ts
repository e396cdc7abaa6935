import * as z from 'zod'
import { type ProfileChanges, pickProfile, profileFieldSchemas } from '../../core/profile.ts'
import { type ForeignHash, type HashRefusal, parseForeignHash } from '../../crypto/passwords/foreign/parse-hash.ts'
import { type EmailAddress, emailAddressSchema } from '../email/email-address.ts'
import { type ImportedState, importedStateSchemas, importedTime, toImportedState } from './imported-state.ts'

/** A person as another system knew them. */
export interface ImportedUser {
  readonly email: EmailAddress
  readonly isVerified: boolean
  /** Unix milliseconds; undefined when the other system does not know. */
  readonly createdAtMs: number | undefined
  /** Undefined for somebody who signs in elsewhere, or sets a password by mail. */
  readonly password: ForeignHash | undefined
  readonly profile: ProfileChanges
  readonly state: ImportedState
}

/** Why a line was not taken over. */
export type RefusalCode = 'not_an_object' | 'unknown_member' | 'invalid_member' | 'email_taken' | HashRefusal

/** Says which member and which rule, never what stood there. */
export interface LineRefusal {
  readonly code: RefusalCode
  readonly member: string | null
}

/**
 * One user of an import. Unknown members are refused: what is dropped in silence is missed when it is too
 * late.
 */
export const importedUserSchema = z.strictObject({
  email: emailAddressSchema,
  is_verified: z.boolean().default(false),
  created_at: importedTime.nullish(),
  password_hash: z.string().nullable().optional(),
  ...z.object(profileFieldSchemas).partial().shape,
  ...importedStateSchemas,
})

/**
 * A line before it is judged. The OpenAPI document describes it as what is accepted: `importedUserSchema`.
 */
export const importedLineSchema = z.unknown()

/** @param line parsed JSON, whatever it is */
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
  return { email, isVerified, createdAtMs, password, profile: pickProfile(parsed.data), state }
}

export const isRefusal = (result: ImportedUser | LineRefusal): result is LineRefusal => 'code' in result

/**
 * The name of an unknown member is somebody's text, so it is not repeated; nor is what lies within a known
 * one.
 */
function refusalOf(issue: z.core.$ZodIssue | undefined): LineRefusal {
  if (issue?.code === 'unrecognized_keys' && issue.path.length === 0) return { code: 'unknown_member', member: null }
  const member = issue?.path[0]
  return member === undefined
    ? { code: 'not_an_object', member: null }
    : { code: 'invalid_member', member: String(member) }
}
