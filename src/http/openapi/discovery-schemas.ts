import * as z from 'zod'
import { named, namedSchemas, nullableText } from './schemas.ts'

const ecKeyShape = {
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  kid: z.string(),
}
export const publicKeySchema = named('PublicKey', { ...ecKeyShape, alg: z.literal('ES256'), use: z.literal('sig') })
/** `kid` is its RFC 7638 thumbprint. */
export const receiptKeySchema = named('ReceiptKey', ecKeyShape)
export const keySetSchema = named('KeySet', { keys: z.array(publicKeySchema) })

export const checkpointSchema = named('Checkpoint', {
  sequence: z.int(),
  /** SHA-256 of the newest segment, hexadecimal. */
  hash: z.string(),
  event_count: z.int(),
  /** Compact JWS; null before the first segment. */
  checkpoint: nullableText,
  keys: z.array(receiptKeySchema),
})

export const issuerSchema = named('Issuer', {
  issuer: z.string(),
  jwks_uri: z.string(),
  id_token_signing_alg_values_supported: z.array(z.string()),
  token_endpoint_auth_methods_supported: z.array(z.string()),
  response_types_supported: z.array(z.string()),
  subject_types_supported: z.array(z.string()),
})

export const healthSchema = named('Health', { status: z.enum(['ok', 'ready']) })

export const documentSchema = z.looseObject({ openapi: z.string() })
namedSchemas.add(documentSchema, { id: 'OpenApiDocument' })

export const problemSchema = named('Problem', {
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  instance: z.string(),
  /** Stable: the member to act upon. */
  code: z.string(),
  request_id: z.string(),
  errors: z.array(z.strictObject({ pointer: z.string(), detail: z.string() })).optional(),
})
