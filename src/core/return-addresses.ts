import { entriesOf } from './native-apps.ts'
import { isRedirectUri } from './redirect-uri.ts'
import { isSecure } from './web-address.ts'

const MOST_ADDRESSES = 100

/** What an answer adds to an address. An entry that has one of these could not be told from an answer. */
const ANSWER_PARAMETERS = ['code', 'error', 'state', 'iss']

/**
 * Reads `RETURN_ADDRESSES`: exact addresses of web pages, separated by commas or white space. A private
 * scheme is none, because any application of a device can claim it.
 * @returns undefined if one is not such an address; none for a setting that is missing
 */
export function readReturnAddresses(setting: string | undefined): readonly string[] | undefined {
  const addresses = entriesOf(setting)
  return addresses.length <= MOST_ADDRESSES && addresses.every(isReturnAddress) ? addresses : undefined
}

function isReturnAddress(value: string): boolean {
  if (!isRedirectUri(value) || !isSecure(value)) return false
  const { searchParams } = new URL(value)
  return !ANSWER_PARAMETERS.some((name) => searchParams.has(name))
}
