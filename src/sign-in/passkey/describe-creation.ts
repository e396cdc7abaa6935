import * as z from 'zod'
import { answerSchema, type View } from '../../core/answer-schema.ts'
import type { RelyingParty } from '../../core/relying-party.ts'
import type { NewPasskey } from '../../crypto/ticket.ts'

/**
 * The COSE algorithms that a passkey may have, the preferred one first: ES256, EdDSA, RS256. Nearly every
 * authenticator has the first one.
 */
export const passkeyAlgorithms = [-7, -8, -257] as const

const requirement = () => z.enum(['required', 'preferred', 'discouraged'])

/**
 * The options for `navigator.credentials.create`, as `PublicKeyCredential.parseCreationOptionsFromJSON` takes
 * them (WebAuthn section 5.1.8).
 */
export const passkeyCreationView = answerSchema('PasskeyCreation', () => ({
  rp: z.strictObject({ id: z.string(), name: z.string() }),
  user: z.strictObject({ id: z.string(), name: z.string(), displayName: z.string() }),
  challenge: z.string(),
  pubKeyCredParams: z.array(z.strictObject({ type: z.literal('public-key'), alg: z.int() })),
  /** Milliseconds. */
  timeout: z.int(),
  /** The passkeys of the account. An authenticator that holds one of them makes no other. */
  excludeCredentials: z.array(z.strictObject({ type: z.literal('public-key'), id: z.string() })),
  authenticatorSelection: z.strictObject({
    residentKey: requirement(),
    requireResidentKey: z.boolean(),
    userVerification: requirement(),
    authenticatorAttachment: z.literal('cross-platform').optional(),
  }),
  attestation: z.literal('none'),
  hints: z.array(z.enum(['security-key', 'client-device', 'hybrid'])),
  extensions: z.strictObject({ credProps: z.literal(true) }),
}))
export type PasskeyCreation = View<typeof passkeyCreationView>

interface Creation {
  readonly challenge: string
  readonly relyingParty: RelyingParty
  /** What the authenticator stores, and shows to the person. */
  readonly user: { readonly id: string; readonly name: string; readonly displayName: string }
  readonly wanted: NewPasskey
  /** Seconds. */
  readonly expiresIn: number
  /** Credential ids of the account. */
  readonly known: readonly string[]
}

export const describeCreation = (creation: Creation): PasskeyCreation => ({
  rp: { id: creation.relyingParty.id, name: creation.relyingParty.name },
  user: { ...creation.user },
  challenge: creation.challenge,
  pubKeyCredParams: passkeyAlgorithms.map((alg) => ({ type: 'public-key', alg })),
  timeout: creation.expiresIn * 1000,
  excludeCredentials: creation.known.map((id) => ({ type: 'public-key', id })),
  authenticatorSelection: selectionFor(creation.wanted),
  attestation: 'none',
  hints: creation.wanted.kind === 'security_key' ? ['security-key'] : [],
  extensions: { credProps: true },
})

/** A conditional creation asks the person nothing, so it cannot require that they are verified. */
function selectionFor({ kind, isConditional }: NewPasskey): PasskeyCreation['authenticatorSelection'] {
  if (kind === 'passkey')
    return {
      residentKey: 'required',
      requireResidentKey: true,
      userVerification: isConditional ? 'preferred' : 'required',
    }
  return {
    residentKey: 'discouraged',
    requireResidentKey: false,
    userVerification: 'discouraged',
    authenticatorAttachment: 'cross-platform',
  }
}
