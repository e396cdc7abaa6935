import {
  type Profile,
  type ProfileField,
  type ProfileMask,
  profileFields,
  profileTable,
  serializeField,
} from '../core/profile.ts'

/** What of an address an operator sees without a reason: `a***@example.com`. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@')
  return `${maskWord(email.slice(0, at))}${email.slice(at)}`
}

/** `Ada Lovelace` as `A*** L***`. */
export const maskName = (name: string): string => name.split(/\s+/).filter(Boolean).map(maskWord).join(' ')

/** An E.164 number as its first digits and its last two, `+49***78`, unless that would be most of it. */
export const maskPhoneNumber = (phoneNumber: string): string =>
  phoneNumber.length < 9 ? MASK : `${phoneNumber.slice(0, 3)}${MASK}${phoneNumber.slice(-2)}`

/** For what has no harmless part: only that it is there. */
const MASK = '***'

const maskWord = (word: string): string => `${[...word][0] ?? ''}${MASK}`

/** Of a value as it is stored before encryption. */
const masks = {
  initials: maskName,
  ends: maskPhoneNumber,
  presence: () => MASK,
} as const satisfies Readonly<Record<ProfileMask, (value: string) => string>>

type MaskedProfile = { [Field in ProfileField]: string | null }

/** Shows what is there, and how it begins where that helps to tell a person on the phone from another. */
export const maskProfile = (profile: Profile): MaskedProfile =>
  Object.fromEntries(profileFields.map((field) => [field, maskField(field, profile[field])])) as MaskedProfile

const maskField = (field: ProfileField, value: Profile[ProfileField]): string | null =>
  value === null ? null : masks[profileTable[field].mask](serializeField(field, value))
