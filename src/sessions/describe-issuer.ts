import * as z from 'zod'
import { answerSchema, type View } from '../core/answer-schema.ts'
import type { ApiAddress } from '../core/api-address.ts'
import { assuranceLevels } from '../core/assurance.ts'
import type { Settings } from '../core/settings.ts'

/** The answer of `GET /.well-known/openid-configuration`. */
export const issuerView = answerSchema('Issuer', () => ({
  issuer: z.string(),
  jwks_uri: z.string(),
  id_token_signing_alg_values_supported: z.array(z.string()),
  token_endpoint_auth_methods_supported: z.array(z.string()),
  response_types_supported: z.array(z.string()),
  subject_types_supported: z.array(z.string()),
  acr_values_supported: z.array(z.enum(assuranceLevels)),
}))

interface Dependencies {
  readonly settings: Pick<Settings, 'ISSUER'>
}

/**
 * The issuer's metadata (OpenID Connect Discovery 1.0): what a resource server needs to find the public keys
 * and verify access tokens.
 */
export const describeIssuer = ({ settings: { ISSUER } }: Dependencies): View<typeof issuerView> => ({
  issuer: ISSUER,
  jwks_uri: ISSUER + ('/.well-known/jwks.json' satisfies ApiAddress),
  id_token_signing_alg_values_supported: ['ES256'],
  token_endpoint_auth_methods_supported: ['none'],
  response_types_supported: [],
  subject_types_supported: ['public'],
  acr_values_supported: [...assuranceLevels],
})
