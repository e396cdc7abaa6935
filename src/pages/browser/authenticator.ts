import type { TaskOutcome } from './outcome.ts'
import type { Ceremony, PasskeySignal, Passkeys } from './passkeys.ts'

/** Undefined in a browser that has no passkeys or does not read the service's options. */
export const passkeysOfBrowser = (stopAutofill: () => void): Passkeys | undefined =>
  typeof PublicKeyCredential === 'undefined' || !('parseCreationOptionsFromJSON' in PublicKeyCredential)
    ? undefined
    : {
        // A browser answers one request at a time, and the one for autofill waits for long.
        prove: (publicKey) => {
          stopAutofill()
          return askForPasskey(publicKey, {})
        },
        create: createPasskey,
        signal: (signal) => void passOn(signal).catch(() => {}),
      }

/** @param more such as `mediation`, for autofill */
export const askForPasskey = (publicKey: unknown, more: Omit<CredentialRequestOptions, 'publicKey'>) =>
  perform(() =>
    isOptions<PublicKeyCredentialRequestOptionsJSON>(publicKey)
      ? navigator.credentials.get({ ...more, publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) })
      : null,
  )

const createPasskey = (publicKey: unknown) =>
  perform(() =>
    isOptions<PublicKeyCredentialCreationOptionsJSON>(publicKey)
      ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) })
      : null,
  )

const isOptions = <Options>(value: unknown): value is Options =>
  typeof value === 'object' && value !== null && 'challenge' in value

async function perform(ask: () => Promise<Credential | null> | null): Promise<Ceremony> {
  try {
    const credential = await ask()
    if (credential instanceof PublicKeyCredential) return { credential: { ...credential.toJSON() } }
  } catch (error) {
    return { outcome: explainError(error instanceof Error ? error.name : '') }
  }
  return { outcome: FAILED }
}

const FAILED: TaskOutcome = { kind: 'message', name: 'passkey_failed' }

/** @param name of the error (WebAuthn Level 3 sections 5.1.3 and 5.1.4) */
function explainError(name: string): TaskOutcome {
  // The user cancelled or let the time pass. A browser does not say which, and has said it already.
  if (name === 'NotAllowedError' || name === 'AbortError') return { kind: 'none' }
  // The authenticator has one of the passkeys that the service listed.
  return name === 'InvalidStateError' ? { kind: 'message', name: 'passkey_known' } : FAILED
}

/** Browsers without these methods keep what they have. */
async function passOn(signal: PasskeySignal): Promise<void> {
  const browser: Partial<typeof PublicKeyCredential> = PublicKeyCredential
  const { rpId } = signal
  if (signal.kind === 'unknown') {
    await browser.signalUnknownCredential?.({ rpId, credentialId: signal.credentialId })
  } else if (signal.kind === 'accepted') {
    const { userId, ids } = signal
    await browser.signalAllAcceptedCredentials?.({ rpId, userId, allAcceptedCredentialIds: [...ids] })
  } else {
    const { userId, name, displayName } = signal
    await browser.signalCurrentUserDetails?.({ rpId, userId, name, displayName })
  }
}
