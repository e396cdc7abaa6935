import { canUsePasskeys, createQuietly } from '../../shared/authenticator.ts'
import { call, callQuietly } from '../../shared/client.ts'
import { signalRemoved } from '../../shared/signals.ts'
import type { Journey } from './use-journey.ts'

/**
 * Signs in with a password. Where the browser has just filled it in, it may then make a passkey without
 * asking, which the account gets.
 * @throws like `call`
 */
export async function signInWithPassword(
  { advance }: Journey,
  body: { readonly email: string; readonly password: string },
): Promise<void> {
  const { kind } = await advance(() => call('login', { body }))
  // On the way to an application this document ends, perhaps between making a passkey and adding it.
  const isStaying = !new URLSearchParams(location.search).has('return_to')
  if ((kind === 'done' || kind === 'agree') && isStaying) addPasskeySilently().catch(() => undefined)
}

/** Nobody asked for this passkey, so nobody is told about a failure. */
async function addPasskeySilently(): Promise<void> {
  if (!canUsePasskeys) return
  const capabilities: Readonly<Record<string, boolean>> = (await PublicKeyCredential.getClientCapabilities?.()) ?? {}
  if (capabilities.conditionalCreate !== true) return
  const { ticket, public_key: publicKey } = await callQuietly('offerPasskey', { body: { mediation: 'conditional' } })
  const credential = await createQuietly(publicKey)
  try {
    await callQuietly('addPasskey', { body: { ticket, credential } })
  } catch (error) {
    // A passkey that does not sign in must not stay on the device.
    signalRemoved(publicKey.rp.id, credential.id)
    throw error
  }
}
