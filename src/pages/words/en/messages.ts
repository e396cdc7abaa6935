import type { Subject } from '../../subject.ts'

/**
 * Why a form was refused. A message for a problem has the name of its `code`, and `failed` is for every
 * other problem. `{time}` becomes, for example, "in 2 minutes".
 */
export const englishMessages = ({ product, passwordMinLength }: Subject) => ({
  rate_limited: 'Too many attempts. Please try again {time}.',
  invalid_credentials: 'The e-mail address or password is wrong.',
  account_suspended: `This account is suspended. Please contact the operator of ${product}.`,
  email_taken:
    'There is an account with this address already. Please sign in. There you can also choose a new password.',
  not_confirmed: 'The address is not confirmed yet. Please open the link in the e-mail first.',
  email_unverified: 'The e-mail address of this account is not confirmed yet. Please confirm it first.',
  password_reset_required: 'This password is no longer valid. Please choose a new one with “Forgot password” first.',
  provider_failed: 'That sign-in did not work. Please try again, or use your password.',
  provider_not_confirmed: 'That did not work. Please sign in there with the account that is linked here.',
  tab_blocked: 'Your browser did not open the new tab. Please allow it, and try again.',
  not_linked: `The account that you signed in with is not linked to an account at ${product}. Please use a different one, or your password, or create an account.`,
  second_factor_required: `This account has no second step that works. Please contact the operator of ${product}.`,
  invalid_second_factor:
    'That code is wrong or was already used. Wait for the next one, and check that the clock of your device is right.',
  invalid_mail_code: 'The code from the e-mail is wrong. Please check it, or have it sent again.',
  mail_code_wrong: 'That code is wrong, was already used, or is too old. Please check it, or start again.',
  mail_codes_used_up: 'Too many codes. Please open the link in the e-mail, in this browser, or try again {time}.',
  passkey_failed: 'That did not work with this browser or device. Please try again, or use another way.',
  passkey_refused: 'That passkey was not accepted. Please start again with another one, or use another way.',
  passkey_removed:
    'This passkey was removed from the account, so it does not sign in any more. Please use another way.',
  passkey_known: 'This device already has a passkey of your account.',
  passkey_limit: 'Your account has as many passkeys as it can have. Remove one that you do not need.',
  last_credential: 'This is your only way to sign in. Add another one first.',
  took_too_long: 'That took too long. Please start again.',
  factor_required: 'Two-step sign-in needs this. Turn it off first, if your account may do without it.',
  no_factor: 'Add an authenticator app or a security key first.',
  factor_enrolment_required: 'Your account needs a second step by now. Sign out, and add it when you sign in again.',
  step_up_required: 'Nothing was changed, because you did not confirm that it is you.',
  password_needed: 'To remove your password, you need two passkeys, or one passkey and a recovery code.',
  wrong_password: 'That password is wrong.',
  two_step_required: 'Your account needs two-step sign-in, so it cannot be turned off.',
  failed: 'That did not work: the service could not be reached, or something went wrong. Please try again.',
  missing: 'Please fill in this field.',
  unticked: 'Please tick this to go on.',
  documents_changed: 'The documents have changed in the meantime. Please reload this page, and look at them again.',
  email_refused: 'Please enter an e-mail address, such as name@example.com.',
  password_too_short: `Please use at least ${passwordMinLength} characters.`,
  totp_refused: 'Please enter the six digits that your app shows.',
  code_refused: 'Please enter the six digits that the app shows now.',
  mail_code_refused: 'Please enter the digits from the e-mail.',
  recovery_code_refused: 'Please enter one whole recovery code.',
  refused: 'Please choose another one. This one',
  new_email_refused: 'Please enter an e-mail address other than the one you have, such as name@example.com.',
  full_name_refused: 'Please use at most 200 characters.',
  phone_number_refused: 'Please enter the number with its country code, such as +49\u00A0151\u00A012345678.',
  bio_refused: 'Please use at most 2,000 characters.',
  number_refused: 'Please enter a number.',
  preferences_refused: 'These preferences are too long to be saved.',
  profile_changed: 'Your profile was changed elsewhere in the meantime. Please check it, and save again.',
  confirmation_refused: 'This is not the e-mail address of the account.',
  last_admin: 'You are the only operator of this service. Make another person an operator first.',
  proof_not_published: 'This entry is not in the public log yet. Please try again {time}.',
  no_proof: 'There is no proof of this entry.',
  offline: 'You seem to be offline. Please try again when you are connected.',
  part_gone:
    'A part of this page could not be loaded, perhaps because there is a new version. Please load the page again.',
  slow: 'This takes longer than usual …',
  not_signed_out: 'You are still signed in here, because the service did not answer. Please sign out again.',
  signed_out: 'You were signed out. Please sign in again.',
})

/** Reasons for which the service rejects a password, as it words them, and what the page says. */
export const englishPasswordReasons = {
  'must not contain your e-mail address, your name or the name of this service':
    'Please choose a password that does not contain your e-mail address, your name or the name of this service.',
  'must not be one of the most common passwords': 'Many people use this password. Please choose another one.',
  'must not be known from a data breach':
    'This password has appeared in a data breach at another service. Please choose another one.',
}
