import { decodeJwt, decodeProtectedHeader } from 'jose'
import * as z from 'zod'
import { fromUtf8 } from '../../../crypto/encoding.ts'
import { verifyReceipt } from '../../../crypto/receipt-key.ts'

const recordedDistrustSchema = z.object({
  /** Null if this service no longer knows the key. */
  kid: z.string().nullable(),
  /** Of its root key. */
  version: z.number().int().min(1),
  /** The last segment in which a signature of the key counts; 0 if there is none. */
  above: z.number().int().min(0),
})
export type RecordedDistrust = Readonly<z.infer<typeof recordedDistrustSchema>>

/** The payload of a checkpoint. */
export const signedHeadSchema = z.object({
  sequence: z.number().int().min(1),
  /** SHA-256 of the segment's bytes, hexadecimal; in format 2 without its last line. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** Events in all segments up to this one. */
  event_count: z.number().int().min(1),
  created_at: z.iso.datetime(),
  /** The first segment of format 2, and when it was written. Absent in checkpoints of format 1. */
  started: z.object({ sequence: z.number().int().min(1), at: z.iso.datetime() }).exactOptional(),
  /** The keys that this service distrusts, as it recorded them. Absent if there are none. */
  distrusted: z.array(recordedDistrustSchema).exactOptional(),
})
export type SignedHead = z.infer<typeof signedHeadSchema>

/**
 * Reads the public JWK stored under a name. The caller compares its thumbprint with that name.
 * @param sequence the segment that the key is said to have signed, where that is known
 */
export type FindKey = (kid: string, sequence?: number) => Promise<unknown>

/**
 * @returns the payload of a checkpoint (compact JWS) and the key that signed it; undefined when any part is
 * wrong
 * @throws what `findKey` throws: a store that does not answer does not make a checkpoint a forgery
 */
export async function verifySignedHead(
  jws: Uint8Array | string,
  findKey: FindKey,
): Promise<{ readonly head: SignedHead; readonly kid: string } | undefined> {
  const named = readKeyName(jws)
  if (named === undefined) return undefined
  const key = await findKey(named.kid, named.sequence)
  const payload = await verifyReceipt('latchkey-checkpoint+jws', named.jws, async () => key)
  const head = signedHeadSchema.safeParse(payload)
  return head.success ? { head: head.data, kid: named.kid } : undefined
}

interface Named {
  readonly jws: string
  readonly kid: string
  /** The signature covers it, so it is true if the signature is. */
  readonly sequence: number
}

function readKeyName(jws: Uint8Array | string): Named | undefined {
  try {
    const text = typeof jws === 'string' ? jws : fromUtf8(jws)
    const kid = signerOf(text)
    const { sequence } = decodeJwt(text)
    return kid === undefined || typeof sequence !== 'number' ? undefined : { jws: text, kid, sequence }
  } catch {
    return undefined
  }
}

/** The thumbprint of the key that a JWS names, unchecked. */
export function signerOf(jws: string): string | undefined {
  try {
    const { kid } = decodeProtectedHeader(jws)
    return typeof kid === 'string' ? kid : undefined
  } catch {
    return undefined
  }
}

/** A head that was kept outside the archive. */
export interface KeptHead {
  readonly head: SignedHead
  /** The thumbprint of the key that it names. */
  readonly kid: string
  /** Whether a known key signed it. False also when that key cannot be found. */
  readonly isSigned: boolean
}

/**
 * Reads a kept checkpoint, even when its key cannot be found: an attacker who replaces an archive may also
 * remove the key.
 * @returns undefined when the text is not a checkpoint
 */
export async function readKeptHead(jws: string, findKey: FindKey): Promise<KeptHead | undefined> {
  const signed = await verifySignedHead(jws, findKey)
  if (signed) return { ...signed, isSigned: true }
  try {
    const unsigned = signedHeadSchema.safeParse(decodeJwt(jws))
    const { kid = '' } = decodeProtectedHeader(jws)
    return unsigned.success ? { head: unsigned.data, kid, isSigned: false } : undefined
  } catch {
    return undefined
  }
}
