import { decodeProtectedHeader } from 'jose'
import * as z from 'zod'
import type { ArchiveBytes } from '../../compliance/archive/archive-source.ts'
import { GENESIS, hashText } from '../../compliance/archive/chain-head.ts'
import { hashSegment } from '../../compliance/archive/segment.ts'
import { oldSegmentPath } from '../../compliance/archive/segment-number.ts'
import { segmentPrefix } from '../../compliance/archive/segment-path.ts'
import type { FindKey } from '../../compliance/archive/signed-head.ts'
import { fromUtf8 } from '../../crypto/encoding.ts'
import { verifyReceipt } from '../../crypto/receipt-key.ts'

const timeSchema = z.union([z.iso.datetime(), z.int().transform((ms) => new Date(ms).toISOString())]).nullable()

const erasureReceiptSchema = z.object({
  user_id: z.string(),
  basis: z.string(),
  requested_at: timeSchema,
  started_at: timeSchema,
  completed_at: timeSchema,
  /** The steps of the erasure, with times and counts. Printed unchanged. */
  steps: z.unknown(),
  /** The head of the archive when the receipt was signed. The sequence is 0 before the first segment. */
  archive: z.object({ sequence: z.int().min(0), hash: z.string().regex(/^[0-9a-f]{64}$/) }),
})
export type ErasureReceipt = z.infer<typeof erasureReceiptSchema>

export interface SignedReceipt {
  readonly receipt: ErasureReceipt
  readonly kid: string
}

/**
 * Checks the signature of an erasure receipt.
 * @returns its content and the id of the key that signed it, or a sentence that says why it is not genuine
 * @throws what `findKey` throws
 */
export async function verifyErasureReceipt(jws: string, findKey: FindKey): Promise<SignedReceipt | string> {
  const header = readHeader(jws)
  if (header?.kid === undefined) return 'this is not a signed receipt'
  if (header.typ !== 'latchkey-erasure+jws') return `this is signed as ${header.typ ?? 'nothing'}, not as an erasure`
  const key = await findKey(header.kid)
  if (key === undefined) return `the key ${header.kid}, which it names, is unknown here`
  const payload = await verifyReceipt('latchkey-erasure+jws', jws, async () => key)
  if (payload === undefined) return `the key ${header.kid} did not sign this`
  const receipt = erasureReceiptSchema.safeParse(payload)
  return receipt.success ? { receipt: receipt.data, kid: header.kid } : 'it is signed, but lacks required members'
}

/** Tells whether the archive has the segment that the receipt names, at the position that it names. */
export async function findsItsPlace(
  { archive: { sequence, hash } }: ErasureReceipt,
  archive: ArchiveBytes,
): Promise<boolean> {
  if (sequence === GENESIS.sequence) return hash === GENESIS.hash
  const old = await readText(archive, oldSegmentPath(sequence))
  if (old !== undefined && (await hashText(old)) === hash) return true
  for await (const path of archive.list(segmentPrefix(sequence))) {
    const text = await readText(archive, path)
    if (text !== undefined && (await hashSegment(text)) === hash) return true
  }
  return false
}

/** @returns undefined also for bytes that are not UTF-8, which the service never signed */
async function readText(archive: ArchiveBytes, path: string): Promise<string | undefined> {
  const bytes = await archive.read(path)
  try {
    return bytes && fromUtf8(bytes)
  } catch {
    return undefined
  }
}

function readHeader(jws: string) {
  try {
    return decodeProtectedHeader(jws)
  } catch {
    return undefined
  }
}
