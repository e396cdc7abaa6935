import type { Profile } from '../core/profile.ts'

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

/** Shows what is there, and how it begins where that helps to tell a person on the phone from another. */
type MaskedProfile = { [Field in keyof Profile]: string | null }

export const maskProfile = (profile: Profile): MaskedProfile => ({
  full_name: profile.full_name === null ? null : maskName(profile.full_name),
  phone_number: profile.phone_number === null ? null : maskPhoneNumber(profile.phone_number),
  avatar_url: profile.avatar_url === null ? null : MASK,
  bio: profile.bio === null ? null : MASK,
  preferences: profile.preferences === null ? null : MASK,
})
