import * as z from 'zod'
import { readStoredObject } from './json.ts'
import { hasOnlyText, isText, TEXT_RULE } from './text.ts'

const MAX_PREFERENCES_BYTES = 8 * 1024

const text = (maxLength: number) => z.string().max(maxLength).refine(isText, TEXT_RULE)

const preferences = z
  .record(z.string(), z.json())
  .refine(
    (value) => new TextEncoder().encode(JSON.stringify(value)).length <= MAX_PREFERENCES_BYTES,
    'at most 8 KiB of JSON',
  )
  .refine(hasOnlyText, TEXT_RULE)

/**
 * What an operator sees of a field without stating a reason: initials, first and last digits, or only whether
 * it is set.
 */
export type ProfileMask = 'initials' | 'ends' | 'presence'

/**
 * The definition of a profile field. Reads, writes, views, export, import, erasure and masks are derived from
 * it.
 */
interface ProfileFieldRules {
  /** The values that the owner may write. Null clears the field. */
  readonly schema: z.ZodType
  /** How the value is serialized before it is encrypted: as the text itself, or as JSON. */
  readonly storedAs: 'text' | 'json'
  readonly mask: ProfileMask
  /** Name of the field in the data inventory. */
  readonly label: string
  /** An invented value for the API document and the tests. */
  readonly example: unknown
}

/**
 * The members of a profile that its owner writes. Each is stored encrypted, in the column of `user_profiles`
 * that has its name and the suffix `_enc`.
 */
export const profileTable = {
  full_name: {
    schema: text(200).nullable(),
    storedAs: 'text',
    mask: 'initials',
    label: 'name',
    example: 'Ada Lovelace',
  },
  phone_number: {
    /** E.164: `+` and 2 to 15 digits. */
    schema: z
      .string()
      .regex(/^\+[1-9]\d{1,14}$/, 'must be an E.164 number such as +4915112345678')
      .nullable(),
    storedAs: 'text',
    mask: 'ends',
    label: 'phone number',
    example: '+4915112345678',
  },
  avatar_url: {
    schema: z
      .url({ protocol: /^https$/ })
      .max(2048)
      .nullable(),
    storedAs: 'text',
    mask: 'presence',
    label: 'avatar',
    example: 'https://example.com/ada.png',
  },
  bio: { schema: text(2000).nullable(), storedAs: 'text', mask: 'presence', label: 'bio', example: 'Computes.' },
  preferences: {
    schema: preferences.nullable(),
    storedAs: 'json',
    mask: 'presence',
    label: 'preferences',
    example: { theme: 'dark' },
  },
} as const satisfies Readonly<Record<string, ProfileFieldRules>>

type ProfileTable = typeof profileTable
export type ProfileField = keyof ProfileTable
export type Profile = { -readonly [Field in ProfileField]: z.output<ProfileTable[Field]['schema']> }

/** An absent or undefined member leaves the field unchanged. Null clears it. */
export type ProfileChanges = { readonly [Field in ProfileField]?: Profile[Field] | undefined }

export const profileFields = Object.keys(profileTable) as ProfileField[]

/** Collects one property of every field, keyed by the names of the fields. */
const property = <Name extends keyof ProfileFieldRules>(name: Name) =>
  Object.fromEntries(profileFields.map((field) => [field, profileTable[field][name]])) as {
    readonly [Field in ProfileField]: ProfileTable[Field][Name]
  }

/** The schema of each field. */
export const profileFieldSchemas = property('schema')

/** An invented profile. */
export const exampleProfile = (): Profile => property('example')

/** Picks the fields of a profile from an object that may have other members. */
export const pickProfile = (members: ProfileChanges): ProfileChanges =>
  Object.fromEntries(profileFields.map((field) => [field, members[field]]))

/** Serializes the value of a field before it is encrypted. */
export const serializeField = (field: ProfileField, value: NonNullable<Profile[ProfileField]>): string =>
  profileTable[field].storedAs === 'json' ? JSON.stringify(value) : String(value)

/**
 * Parses the output of `serializeField`. The members of an object are not validated again: the field's schema
 * did so before it was encrypted.
 * @throws UnreadableJson
 */
export const parseField = <Field extends ProfileField>(field: Field, text: string | null): Profile[Field] =>
  (profileTable[field].storedAs === 'json' && text !== null ? readStoredObject(text) : text) as Profile[Field]
