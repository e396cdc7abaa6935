import * as z from 'zod'

/** Base64url is checked when it is decoded, so a wrong character is refused like a wrong signature. */
const bytesOf = (mostCharacters: number) => z.string().max(mostCharacters)

/** 1023 bytes, the longest of WebAuthn. */
const credentialId = () => bytesOf(1364)

const common = () => ({ id: credentialId(), rawId: credentialId(), type: z.literal('public-key') })

/** Browsers write little more than type, challenge and origin. */
const clientDataJSON = () => bytesOf(4096)

/** The authenticator's answer to `navigator.credentials.create`, as its `toJSON` writes it. */
export const registrationResponseSchema = z.lazy(() =>
  z.object({
    ...common(),
    response: z.object({
      clientDataJSON: clientDataJSON(),
      /**
       * Long enough for an attestation with certificates, which some authenticators send without being asked.
       */
      attestationObject: bytesOf(32_768),
      /** How a browser may reach the authenticator. Only hints. */
      transports: z.array(z.string().max(32)).max(16).optional(),
    }),
    clientExtensionResults: z
      .object({
        /** `rk`: whether the authenticator can find the passkey without an id. */
        credProps: z.object({ rk: z.boolean().optional() }).optional(),
      })
      .optional(),
  }),
)

/** The authenticator's answer to `navigator.credentials.get`, as its `toJSON` writes it. */
export const assertionResponseSchema = z.lazy(() =>
  z.object({
    ...common(),
    response: z.object({
      clientDataJSON: clientDataJSON(),
      authenticatorData: bytesOf(4096),
      signature: bytesOf(2048),
      /** `user.id` of the registration, at most 64 bytes. */
      userHandle: bytesOf(86).nullish(),
    }),
  }),
)

export type RegistrationResponse = Readonly<z.infer<typeof registrationResponseSchema>>
export type AssertionResponse = Readonly<z.infer<typeof assertionResponseSchema>>
