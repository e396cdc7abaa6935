import { decodeJwt, decodeProtectedHeader } from 'jose'
import * as z from 'zod'
import { fromUtf8 } from '../../crypto/encoding.ts'
import { verifyReceipt } from '../../crypto/receipt-key.ts'

/** What a checkpoint says about the archive. */
export const signedHeadSchema = z.object({
  sequence: z.number().int().min(1),
  /** SHA-256 of the segment's bytes, hexadecimal. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** Events in all segments up to this one. */
  event_count: z.number().int().min(1),
  created_at: z.iso.datetime(),
})
export type SignedHead = z.infer<typeof signedHeadSchema>

/** Gives the public JWK stored under a name; whoever asks compares its thumbprint with that name. */
export type FindKey = (kid: string) => Promise<unknown>

/**
 * @returns what a checkpoint (compact JWS) says and whose key signed it; undefined when any of it is wrong
 * @throws what `findKey` throws: a store that does not answer makes no checkpoint a forgery
 */
export async function verifySignedHead(
  jws: Uint8Array | string,
  findKey: FindKey,
): Promise<{ readonly head: SignedHead; readonly kid: string } | undefined> {
  const named = readKeyName(jws)
  if (named === undefined) return undefined
  const key = await findKey(named.kid)
  const payload = await verifyReceipt('latchkey-checkpoint+jws', named.jws, async () => key)
  const head = signedHeadSchema.safeParse(payload)
  return head.success ? { head: head.data, kid: named.kid } : undefined
}

function readKeyName(jws: Uint8Array | string): { readonly jws: string; readonly kid: string } | undefined {
  try {
    const text = typeof jws === 'string' ? jws : fromUtf8(jws)
    const { kid } = decodeProtectedHeader(text)
    return typeof kid === 'string' ? { jws: text, kid } : undefined
  } catch {
    return undefined
  }
}

/** A head that somebody kept outside the archive. */
export interface KeptHead {
  readonly head: SignedHead
  /** Whether a known key signed it; false also when that key is nowhere to be found. */
  readonly isSigned: boolean
}

/**
 * What a kept checkpoint says, even when its key is gone: whoever replaces an archive may well remove the
 * key.
 * @returns undefined for what is no checkpoint at all
 */
export async function readKeptHead(jws: string, findKey: FindKey): Promise<KeptHead | undefined> {
  const signed = await verifySignedHead(jws, findKey)
  if (signed) return { head: signed.head, isSigned: true }
  try {
    const unsigned = signedHeadSchema.safeParse(decodeJwt(jws))
    return unsigned.success ? { head: unsigned.data, isSigned: false } : undefined
  } catch {
    return undefined
  }
}
