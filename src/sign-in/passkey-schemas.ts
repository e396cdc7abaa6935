// The shapes of what authenticators answer, for the bodies of routes.

export { assertionResponseSchema, registrationResponseSchema } from '../crypto/webauthn/responses.ts'
