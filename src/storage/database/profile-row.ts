import { type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../../core/ids.ts'
import {
  type Profile,
  type ProfileChanges,
  type ProfileField,
  parseField,
  profileFields,
  serializeField,
} from '../../core/profile.ts'
import { decryptField, encryptField, type FieldPlace } from '../../crypto/field-cipher.ts'
import { userProfiles } from '../schema/index.ts'
import type { Row } from './members.ts'
import { assignments, insertInto, plusOne } from './writes.ts'

/** The encrypted columns of `user_profiles`, by their SQL names. A missing field is a compile error. */
export const profileColumns = {
  full_name_enc: userProfiles.fullNameEnc,
  phone_number_enc: userProfiles.phoneNumberEnc,
  avatar_url_enc: userProfiles.avatarUrlEnc,
  bio_enc: userProfiles.bioEnc,
  preferences_enc: userProfiles.preferencesEnc,
} as const satisfies { [Field in ProfileField as `${Field}_enc`]: ColumnNamed<`${Field}_enc`> }

type ColumnNamed<Name> = SQLiteColumn & { readonly _: { readonly name: Name } }
type EncryptedColumn = keyof typeof profileColumns

export type EncryptedProfile = Row<typeof profileColumns>

const columnOf = (field: ProfileField): EncryptedColumn => `${field}_enc`

const placeOf = (field: ProfileField, userId: string): FieldPlace => ({
  table: 'user_profiles',
  column: columnOf(field),
  owner: userId,
  row: userId,
})

/** Encrypts the given members. Absent members stay absent in the result, and null stays null. */
export async function encryptProfile(
  key: CryptoKey,
  userId: string,
  changes: ProfileChanges,
): Promise<Partial<EncryptedProfile>> {
  const columns = profileFields.flatMap((field) => {
    const value = changes[field]
    return value === undefined ? [] : [{ field, value }]
  })
  const sealed = columns.map(async ({ field, value }) => {
    const stored = value === null ? null : await encryptField(key, placeOf(field, userId), serializeField(field, value))
    return [columnOf(field), stored] as const
  })
  return Object.fromEntries(await Promise.all(sealed))
}

interface NewProfile {
  readonly userId: UserId
  readonly sealed: Partial<EncryptedProfile>
  readonly now: number
}

/** @param onlyIf SQL condition: the account was created */
export const insertProfile = ({ userId, sealed, now }: NewProfile, onlyIf: SQL): SQL =>
  insertInto(userProfiles, { user_id: userId, updated_at: now, ...sealed }, { onlyIf })

/** SQL: the next version of a profile, which is also its `updated_at` in Unix milliseconds. */
export const nextVersion = (now: number): SQL => sql`max(${now}, ${plusOne(userProfiles.updatedAt)})`

/**
 * Clears every member of the profiles of these users. Another person entered them before the owner proved the
 * mailbox, and they may mislead or incriminate the owner.
 * @param userIds SQL for a list of ids
 */
export const wipeProfile = ({ userIds, now }: { readonly userIds: SQL; readonly now: number }): SQL => sql`
  UPDATE user_profiles
  SET ${assignments(userProfiles, { ...cleared, updated_at: nextVersion(now) })}
  WHERE user_id IN (${userIds})`

const cleared = Object.fromEntries(profileFields.map((field) => [columnOf(field), null]))

/** Decrypts one column. Null stays null. @throws CiphertextError */
export const decryptProfileField = (
  key: CryptoKey,
  userId: string,
  field: ProfileField,
  stored: string | null,
): Promise<string | null> =>
  stored === null ? Promise.resolve(null) : decryptField(key, placeOf(field, userId), stored)

/** Encrypts the contents of one stored column anew, for its row. @throws CiphertextError */
export async function rebindProfileField(
  key: CryptoKey,
  userId: string,
  field: ProfileField,
  stored: string,
): Promise<string> {
  const place = placeOf(field, userId)
  return encryptField(key, place, await decryptField(key, place, stored))
}

/**
 * Decrypts a whole row. The contents were validated before `encryptProfile`, so they are not validated again.
 * @throws CiphertextError if a column was altered or moved
 */
export async function decryptProfile(key: CryptoKey, userId: string, row: EncryptedProfile): Promise<Profile> {
  const texts = await Promise.all(
    profileFields.map((field) => decryptProfileField(key, userId, field, row[columnOf(field)])),
  )
  return Object.fromEntries(profileFields.map((field, i) => [field, parseField(field, texts[i] ?? null)])) as Profile
}
