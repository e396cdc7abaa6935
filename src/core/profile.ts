import * as z from 'zod'
import { readStored } from './json.ts'
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
 * What an operator sees of a field without a reason: initials, first and last digits, or only that it is
 * there.
 */
export type ProfileMask = 'initials' | 'ends' | 'presence'

/**
 * Everything that is known of a field. Reads, writes, views, export, import, erasure and masks follow from
 * it.
 */
interface ProfileFieldRules {
  /** What the owner may write. Null clears the field. */
  readonly schema: z.ZodType
  /** How it is written before it is encrypted, and what an answer may hold: a text, or an object. */
  readonly storedAs: 'text' | 'json'
  readonly mask: ProfileMask
  /** What the data inventory calls it. */
  readonly label: string
  /** An invented value for the API document and the tests. */
  readonly example: unknown
}

/**
 * The members of a profile that their owner writes. Each is encrypted at rest, in the column of
 * `user_profiles` that is named after it and ends in `_enc`.
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

/** Absent or undefined: unchanged. Null: cleared. */
export type ProfileChanges = { readonly [Field in ProfileField]?: Profile[Field] | undefined }

export const profileFields = Object.keys(profileTable) as ProfileField[]

/** One property of every field, by the fields' names. */
const property = <Name extends keyof ProfileFieldRules>(name: Name) =>
  Object.fromEntries(profileFields.map((field) => [field, profileTable[field][name]])) as {
    readonly [Field in ProfileField]: ProfileTable[Field][Name]
  }

/** What the owner may write, by field. */
export const profileFieldSchemas = property('schema')

/** An invented profile. */
export const exampleProfile = (): Profile => property('example')

/** The fields of a profile among other members. */
export const pickProfile = (members: ProfileChanges): ProfileChanges =>
  Object.fromEntries(profileFields.map((field) => [field, members[field]]))

/** How a field is written before encryption. */
export const serializeField = (field: ProfileField, value: NonNullable<Profile[ProfileField]>): string =>
  profileTable[field].storedAs === 'json' ? JSON.stringify(value) : String(value)

/**
 * What a stored object must still be. What is in it was held to the field's own schema before it was sealed.
 */
const storedObject = z.record(z.string(), z.unknown())

/** Reads what `serializeField` wrote. @throws UnreadableJson */
export const parseField = <Field extends ProfileField>(field: Field, text: string | null): Profile[Field] =>
  (profileTable[field].storedAs === 'json' && text !== null ? readStored(storedObject, text) : text) as Profile[Field]
