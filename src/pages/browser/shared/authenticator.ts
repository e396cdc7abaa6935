import type { Operations, PasskeyCreation, PasskeyRequest } from '../../../client/api.ts'
import { Refused } from './explain.ts'
import { facts } from './facts.ts'

/** What a passkey answers to a request: `credential` of a sign-in, of a second factor and of a step-up. */
export type PasskeyAnswer = Operations['signInWithPasskey']['body']['credential']
/** What an authenticator answers with a new passkey. */
export type NewPasskey = Operations['addPasskey']['body']['credential']

/** Whether the service has passkeys on this origin, and the browser reads the service's options. */
export const canUsePasskeys: boolean =
  facts.hasPasskeys === true &&
  typeof PublicKeyCredential !== 'undefined' &&
  'parseCreationOptionsFromJSON' in PublicKeyCredential

/** A request that nobody has asked for yet. It may wait for long. */
let waiting: AbortController | undefined

/** Ends the request for autofill, because a browser answers one request at a time. */
export function stopAutofill(): void {
  waiting?.abort()
  waiting = undefined
}

/** A request that gives way to the next one. */
function giveWay(): { readonly mediation: 'conditional'; readonly signal: AbortSignal } {
  stopAutofill()
  waiting = new AbortController()
  return { mediation: 'conditional', signal: waiting.signal }
}

/**
 * Asks for a passkey.
 * @throws Refused `passkey_failed`, or without a message if the user cancelled or let the time pass
 */
export function askForPasskey(publicKey: PasskeyRequest): Promise<PasskeyAnswer> {
  stopAutofill()
  return request(publicKey)
}

/**
 * Offers passkeys in the field that the browser fills in. Call it where
 * `PublicKeyCredential.isConditionalMediationAvailable` says yes.
 * @throws like `askForPasskey`, without a message also after `stopAutofill`
 */
export function askByAutofill(publicKey: PasskeyRequest): Promise<PasskeyAnswer> {
  return request(publicKey, giveWay())
}

const request = (publicKey: PasskeyRequest, more: CredentialRequestOptions = {}) =>
  perform(() =>
    navigator.credentials.get({
      ...more,
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(copyOf(publicKey)),
    }),
  )

/**
 * Makes a passkey, or a security key.
 * @throws Refused like `askForPasskey`, and `passkey_known` if the authenticator has a passkey of the account
 */
export function createPasskey(publicKey: PasskeyCreation): Promise<NewPasskey> {
  stopAutofill()
  return create(publicKey)
}

/**
 * Makes a passkey where the browser does so without asking. It gives way to any other request.
 * @throws like `createPasskey`
 */
export const createQuietly = (publicKey: PasskeyCreation): Promise<NewPasskey> => create(publicKey, giveWay())

const create = (
  publicKey: PasskeyCreation,
  more: CredentialCreationOptions & { readonly mediation?: 'conditional' } = {},
) =>
  perform(() =>
    navigator.credentials.create({
      ...more,
      publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(copyOf(publicKey)),
    }),
  )

/** As JSON. The types of the browser take no read-only lists, and have wider texts than the API. */
const copyOf = (options: object) => JSON.parse(JSON.stringify(options))

async function perform(ask: () => Promise<Credential | null>) {
  try {
    const credential = await ask()
    if (credential instanceof PublicKeyCredential) return copyOf(credential)
  } catch (error) {
    throw explainError(error instanceof Error ? error.name : '')
  }
  throw new Refused('passkey_failed')
}

/** @param name of the error (WebAuthn Level 3 sections 5.1.3 and 5.1.4) */
function explainError(name: string): Refused {
  // The user cancelled, or let the time pass. The browser has said so already.
  if (name === 'NotAllowedError' || name === 'AbortError') return new Refused()
  // The authenticator has one of the passkeys that the service listed.
  return new Refused(name === 'InvalidStateError' ? 'passkey_known' : 'passkey_failed')
}
