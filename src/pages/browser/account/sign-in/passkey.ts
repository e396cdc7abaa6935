import type { PasskeyRequestOffer } from '../../../../client/api.ts'
import type { Finished } from '../../../../client/client.ts'
import { isProblem } from '../../../../client/problem.ts'
import { askForPasskey, type PasskeyAnswer } from '../../shared/authenticator.ts'
import { call } from '../../shared/client.ts'
import { Refused } from '../../shared/explain.ts'
import { signalRemoved } from '../../shared/signals.ts'

/** Asks the browser for a passkey, and signs in with it. */
export async function usePasskey(): Promise<Finished<'signInWithPasskey'>> {
  const offer = await call('offerPasskeySignIn')
  return sendPasskey(offer, await askForPasskey(offer.public_key))
}

/**
 * Signs in with what an authenticator answered.
 * @throws Refused `passkey_refused`, and like `call`
 */
export async function sendPasskey(
  { ticket, public_key: { rpId } }: PasskeyRequestOffer,
  credential: PasskeyAnswer,
): Promise<Finished<'signInWithPasskey'>> {
  try {
    return await call('signInWithPasskey', { body: { ticket, credential } })
  } catch (error) {
    // Only the holder of a removed passkey gets here, so the browser may delete it for ever.
    if (isProblem(error, 'passkey_removed')) signalRemoved(rpId, credential.id)
    if (isProblem(error, 'invalid_credentials')) throw new Refused('passkey_refused')
    throw error
  }
}
