import { addressOf } from '../../screens.ts'
import { signOut } from './client.ts'
import { Refused } from './explain.ts'

/**
 * Signs out and opens the page for signing in as a new document, so that nothing is left to go back to.
 * @throws Refused `not_signed_out` if the service did not answer: the next person at this browser would have
 * the session
 */
export async function leave(): Promise<void> {
  await signOut().catch(() => {
    throw new Refused('not_signed_out')
  })
  location.replace(addressOf('sign-in'))
}
