import type { Context } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import { readReturnAddresses } from '../../core/return-addresses.ts'
import { returnAddress } from '../return-address.ts'
import type { CheckedReturn } from './return-views.ts'

interface ReturnTarget {
  readonly returnTo: string
  /** The `state` of the application. It is returned unchanged. */
  readonly state?: string | undefined
}

/**
 * Checks the address to which an application wants a person sent back, so that a page shows only applications
 * that the settings list. Reads no store.
 * @throws AppError `validation_failed`
 */
export function checkReturn({ settings }: Pick<Context, 'settings'>, { returnTo, state }: ReturnTarget): CheckedReturn {
  const issuer = settings.ISSUER
  // Exact comparison (RFC 9700 section 4.1.3), so there is only one spelling of an address.
  if (!readReturnAddresses(settings.RETURN_ADDRESSES)?.includes(returnTo))
    throw new AppError('validation_failed', { errors: [{ pointer: '/return_to', detail: 'is not on the list' }] })
  const { host } = new URL(returnTo)
  return {
    host,
    denied: returnAddress({ redirectUri: returnTo, clientState: state, issuer }, { error: 'access_denied' }),
  }
}
