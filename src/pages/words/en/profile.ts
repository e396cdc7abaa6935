import { MAIL_LINK_MINUTES, UNDO_EMAIL_DAYS } from '../../../core/lifetimes.ts'

/** The profile and the address of a person. */
export const englishProfile = {
  lead: 'Applications that you sign in to with this account can see these details.',
  fields: {
    full_name: 'Name',
    phone_number: 'Phone number',
    bio: 'About you',
  },
  phoneHint: 'With the country code, such as +49\u00A0151\u00A012345678.',
  preferences: 'Preferences',
  preferencesLead: 'Applications keep these settings in your profile.',
  fixed: 'Can be changed in the application only:',
  saved: 'Your profile is saved.',
  unchanged: 'There was nothing to save.',
  changed: {
    heading: 'Your profile was changed elsewhere',
    text: 'This happened while you were typing. What you typed is still here. Check it, and save it again.',
    isNow: (field: string, value: string) => `${field} is now “${value}”.`,
    isEmpty: (field: string) => `${field} is now empty.`,
  },
  address: {
    heading: 'E-mail address',
    current: (address: string) => `Your address is ${address}.`,
    field: 'New e-mail address',
    hint: `We send a link to the new address, which works for ${MAIL_LINK_MINUTES} minutes. Nothing changes until you have opened it.`,
    action: 'Change address',
    sent: (address: string) =>
      `If ${address} can be used, a link is on its way there. Open it within ${MAIL_LINK_MINUTES} minutes, and stay signed in here until you have.`,
    undo: `When a new address is confirmed, the old one gets an e-mail with a link that undoes the change. The link works for ${UNDO_EMAIL_DAYS} days.`,
  },
}
