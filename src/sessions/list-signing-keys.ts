import * as z from 'zod'
import type { Context } from '../context.ts'
import { answerSchema, type View } from '../core/answer-schema.ts'

const publicKeyView = answerSchema('PublicKey', () => ({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  kid: z.string(),
  alg: z.literal('ES256'),
  use: z.literal('sig'),
}))

/** The answer of `GET /.well-known/jwks.json` (RFC 7517). */
export const keySetView = answerSchema('KeySet', () => ({ keys: z.array(publicKeyView.schema) }))

/**
 * Lists the public keys that verify access tokens: those of the previous, the current and the next month, for
 * each trusted root key version. The private halves are never listed.
 */
export async function listSigningKeys({
  tokens,
  now,
}: Pick<Context, 'tokens' | 'now'>): Promise<View<typeof keySetView>> {
  return { keys: await tokens.keys.published(now) }
}
