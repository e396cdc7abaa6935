import { AppError } from '../../core/errors.ts'
import type { Settings } from '../../core/settings.ts'
import { addressOf, type ScreenName, screensWith } from '../screens.ts'

/**
 * The address of a screen that this service has.
 * @throws AppError `not_found`
 */
export function requireScreen({ ACCOUNT_PAGES }: Pick<Settings, 'ACCOUNT_PAGES'>, screen: ScreenName): string {
  if (!screensWith[ACCOUNT_PAGES].includes(screen)) throw new AppError('not_found')
  return addressOf(screen)
}
