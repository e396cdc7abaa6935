import { addressOf } from '../../screens.ts'
import { signOut } from './client.ts'

/** Signs out and opens the page for signing in as a new document, so that nothing is left to go back to. */
export async function leave(): Promise<void> {
  await signOut().catch(() => undefined)
  location.replace(addressOf('sign-in'))
}
