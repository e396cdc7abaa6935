import {
  type Profile,
  type ProfileField,
  type ProfileMask,
  profileFields,
  profileTable,
  serializeField,
} from '../core/profile.ts'

/** Masks an address: `a***@example.com`. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@')
  return `${maskWord(email.slice(0, at))}${email.slice(at)}`
}

/** Masks a name: `Ada Lovelace` becomes `A*** L***`. */
export const maskName = (name: string): string => name.split(/\s+/).filter(Boolean).map(maskWord).join(' ')

/**
 * Masks an E.164 number: shows its first and last two digits, `+49***78`. Short numbers are masked
 * completely, because the digits would reveal most of them.
 */
export const maskPhoneNumber = (phoneNumber: string): string =>
  phoneNumber.length < 9 ? MASK : `${phoneNumber.slice(0, 3)}${MASK}${phoneNumber.slice(-2)}`

/** For values without a harmless part. Shows only that there is a value. */
const MASK = '***'

const maskWord = (word: string): string => `${[...word][0] ?? ''}${MASK}`

/** Each mask gets the value as it is stored before encryption. */
const masks = {
  initials: maskName,
  ends: maskPhoneNumber,
  presence: () => MASK,
} as const satisfies Readonly<Record<ProfileMask, (value: string) => string>>

type MaskedProfile = { [Field in ProfileField]: string | null }

/**
 * Masks a profile. Shows which members have a value, and the beginning of those that help to identify a
 * caller on the phone.
 */
export const maskProfile = (profile: Profile): MaskedProfile =>
  Object.fromEntries(profileFields.map((field) => [field, maskField(field, profile[field])])) as MaskedProfile

const maskField = (field: ProfileField, value: Profile[ProfileField]): string | null =>
  value === null ? null : masks[profileTable[field].mask](serializeField(field, value))
