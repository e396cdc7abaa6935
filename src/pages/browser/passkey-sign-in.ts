import type { OpenPage } from './memory.ts'
import { explain, isSuccess, type JsonMembers, type TaskAnswer, type TaskOutcome } from './outcome.ts'
import { signIn } from './sign-in.ts'

const FAILED: TaskOutcome = { kind: 'message', name: 'passkey_failed' }

/** Asks the browser for a passkey, and signs in with it. */
export async function usePasskey(page: OpenPage): Promise<TaskOutcome> {
  const offer = await page.send('auth/passkey/options', undefined)
  if (!isSuccess(offer)) return explain(offer)
  const ceremony = await page.passkeys?.prove(offer.body.public_key)
  if (ceremony === undefined) return FAILED
  return 'outcome' in ceremony ? ceremony.outcome : sendPasskey(page, offer, ceremony.credential)
}

/**
 * Signs in with the answer of an authenticator.
 * @param offer the answer that has the ticket and the options
 */
export async function sendPasskey(page: OpenPage, offer: TaskAnswer, credential: JsonMembers): Promise<TaskOutcome> {
  const answer = await page.send('auth/passkey', { ticket: offer.body.ticket, credential })
  if (isSuccess(answer)) return signIn(page, answer)
  const { code } = answer.body
  if (code === 'passkey_removed') forget(page, offer.body.public_key, credential)
  return code === 'invalid_credentials' ? { kind: 'message', name: 'passkey_refused' } : explain(answer)
}

/** Only the holder of a removed passkey gets here, so the browser may delete it for ever. */
function forget({ passkeys }: OpenPage, publicKey: unknown, { id }: JsonMembers): void {
  if (typeof publicKey !== 'object' || publicKey === null || !('rpId' in publicKey)) return
  passkeys?.signal({ kind: 'unknown', rpId: String(publicKey.rpId), credentialId: String(id) })
}
