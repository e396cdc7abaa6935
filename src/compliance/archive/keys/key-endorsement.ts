import { calculateJwkThumbprint, decodeProtectedHeader } from 'jose'
import * as z from 'zod'
import { rfc3339 } from '../../../core/time.ts'
import type { ReceiptPublicKey, ReceiptSigner } from '../../../crypto/receipt-key.ts'
import { verifyReceipt } from '../../../crypto/receipt-key.ts'
import { hashText } from '../format/chain-head.ts'

/** The payload of an endorsement: one key of this service declares another key genuine. */
const endorsementSchema = z.strictObject({
  /** RFC 7638 thumbprint of `key`. */
  kid: z.string(),
  key: z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: z.string(), y: z.string() }),
  /**
   * The root key version that derives `key`; null when an operator endorsed it after its root key was gone.
   */
  version: z.int().nullable(),
  endorsed_at: z.iso.datetime(),
  /** In the archive's event of a change of keys: the first segment that `key` signs. */
  sequence: z.int().min(1).exactOptional(),
  /** The public form of the key that signs checkpoints of the log, of the same root key version. */
  note_key: z.string().exactOptional(),
})

export interface Endorsement {
  readonly key: ReceiptPublicKey
  readonly version: number | null
  /** The thumbprint of the key that signed the endorsement. */
  readonly by: string
  /** The first segment that the key signs, if the endorsement is about a change of keys. */
  readonly sequence?: number | undefined
  /**
   * The key of the same root key version that signs checkpoints of the log, as a vkey of C2SP signed-note.
   */
  readonly noteKey?: string | undefined
}

/** Where endorsements are in the archive. */
export const ENDORSEMENTS = 'key-endorsements/'

/** An endorsement as it is stored: a compact JWS. */
export interface StoredEndorsement {
  readonly path: string
  readonly text: string
}

/**
 * Signs an endorsement with the newest key. The path contains digits of the hash of the statement. The hash
 * is unknown before the statement is signed, so the path cannot be taken in advance.
 */
export async function signEndorsement(
  receipts: ReceiptSigner,
  { key: { kid, ...key }, version, noteKey }: Pick<Endorsement, 'key' | 'version' | 'noteKey'>,
  nowMs: number,
): Promise<StoredEndorsement> {
  const named = noteKey === undefined ? {} : { note_key: noteKey }
  const payload = { kid, key, version, endorsed_at: rfc3339(nowMs), ...named }
  const text = await receipts.sign('latchkey-endorsement+jws', payload)
  return { path: `${ENDORSEMENTS}${kid}.${(await hashText(text)).slice(0, 16)}.jws`, text }
}

/**
 * Signs, with the key that signed the archive until now, that another key signs from a segment on.
 * @param change `by`: a key that this ring derives
 * @returns compact JWS
 */
export async function signKeyChange(
  receipts: ReceiptSigner,
  { key: { kid, ...key }, version, by, sequence }: Endorsement,
  nowMs: number,
): Promise<string> {
  const payload = { kid, key, version, endorsed_at: rfc3339(nowMs), sequence }
  return await receipts.sign('latchkey-endorsement+jws', payload, by)
}

/**
 * @returns undefined unless one of these keys, by thumbprint, signed the endorsement and every part is right
 */
export async function readEndorsement(
  jws: string,
  signers: ReadonlyMap<string, unknown>,
): Promise<Endorsement | undefined> {
  const by = signerOf(jws)
  if (by === undefined || !signers.has(by)) return undefined
  const payload = await verifyReceipt('latchkey-endorsement+jws', jws, async (kid) => signers.get(kid))
  const endorsement = endorsementSchema.safeParse(payload)
  if (!endorsement.success) return undefined
  const { kid, key, version, sequence, note_key: noteKey } = endorsement.data
  const isOwn = (await calculateJwkThumbprint(key, 'sha256')) === kid
  return isOwn ? { key: { ...key, kid }, version, by, sequence, noteKey } : undefined
}

function signerOf(jws: string): string | undefined {
  try {
    return decodeProtectedHeader(jws).kid
  } catch {
    return undefined
  }
}
