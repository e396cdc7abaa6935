import * as z from 'zod'
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

/** The members of a profile that their owner writes. Each is encrypted at rest; null clears it. */
export const profileFieldSchemas = {
  full_name: text(200).nullable(),
  /** E.164: `+` and 2 to 15 digits. */
  phone_number: z
    .string()
    .regex(/^\+[1-9]\d{1,14}$/, 'must be an E.164 number such as +4915112345678')
    .nullable(),
  avatar_url: z
    .url({ protocol: /^https$/ })
    .max(2048)
    .nullable(),
  bio: text(2000).nullable(),
  preferences: preferences.nullable(),
} as const

const profileSchema = z.object(profileFieldSchemas)
export type Profile = z.infer<typeof profileSchema>
export type ProfileField = keyof Profile

/** Absent or undefined: unchanged. Null: cleared. */
export type ProfileChanges = { readonly [Field in ProfileField]?: Profile[Field] | undefined }

export const profileFields = Object.keys(profileFieldSchemas) as ProfileField[]

/** How a field is written before encryption: text as it is, preferences as JSON. */
export const serializeField = (value: NonNullable<Profile[ProfileField]>): string =>
  typeof value === 'string' ? value : JSON.stringify(value)

/** Reads what `serializeField` wrote, validated before it was sealed. */
export const parseField = (field: ProfileField, text: string | null): Profile[ProfileField] =>
  field === 'preferences' && text !== null ? JSON.parse(text) : text
