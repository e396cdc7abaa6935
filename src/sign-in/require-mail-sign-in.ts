import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'

/**
 * For everything that signs in, signs up or steps up with a mailbox, the last step included: an operator who
 * switches it off does not wait until codes and tickets of before have expired.
 * @throws AppError `not_found` while `EMAIL_SIGN_IN` is off
 */
export function requireMailSignIn({ settings }: Pick<Context, 'settings'>): void {
  if (settings.EMAIL_SIGN_IN === 'off') throw new AppError('not_found')
}
