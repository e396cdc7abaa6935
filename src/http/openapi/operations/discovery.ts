import { checkpointSchema, documentSchema, healthSchema, issuerSchema, keySetSchema } from '../discovery-schemas.ts'
import type { Operations } from '../operation.ts'

const POINT = {
  ...{ kty: 'EC', crv: 'P-256' },
  x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
  y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
} as const
const KEY = { ...POINT, kid: '1.2026-11', alg: 'ES256', use: 'sig' } as const
const RECEIPT_KEY = { ...POINT, kid: 'y84TKcS7TGHIZ7gNet9twg4TmPJ6C5bU78l6InYUc5I' } as const
const ISSUER = 'https://id.example.com'

export const discoveryOperations = {
  'GET /.well-known/jwks.json': {
    id: 'getKeys',
    summary: 'Public keys of the access tokens',
    description: 'Last, this and next month. Cacheable for an hour.',
    answers: { 200: { description: 'RFC 7517.', schema: keySetSchema, example: { keys: [KEY] } } },
  },
  'GET /.well-known/audit-checkpoint': {
    id: 'getCheckpoint',
    summary: 'Newest signed head of the audit archive',
    description: 'Keep one where the operator cannot write, and a rewrite can be proven later.',
    answers: {
      200: {
        description: 'The head, its signature, and every key that ever signed one.',
        schema: checkpointSchema,
        example: { sequence: 0, hash: '', event_count: 0, checkpoint: null, keys: [RECEIPT_KEY] },
      },
    },
  },
  'GET /.well-known/openid-configuration': {
    id: 'getIssuer',
    summary: 'Issuer, key address and algorithm',
    answers: {
      200: {
        description: 'What a resource server needs.',
        schema: issuerSchema,
        example: {
          issuer: ISSUER,
          jwks_uri: `${ISSUER}/.well-known/jwks.json`,
          id_token_signing_alg_values_supported: ['ES256'],
          token_endpoint_auth_methods_supported: ['none'],
          response_types_supported: [],
          subject_types_supported: ['public'],
        },
      },
    },
  },
  'GET /.well-known/change-password': {
    id: 'findPasswordPage',
    summary: 'Where a password manager sends its user',
    answers: { 302: { description: 'To the page that mails a link.', headers: ['location'] } },
  },
  'GET /openapi.json': {
    id: 'getDocument',
    summary: 'This document',
    answers: { 200: { description: 'OpenAPI 3.1.', schema: documentSchema, example: { openapi: '3.1.1' } } },
  },
  'GET /readyz': {
    id: 'getReadiness',
    summary: 'Whether D1, KV and R2 answer',
    answers: { 200: { description: 'They do.', schema: healthSchema, example: { status: 'ready' } } },
  },
} as const satisfies Operations
