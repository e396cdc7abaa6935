import { decodeProtectedHeader } from 'jose'
import * as z from 'zod'
import { GENESIS, hashText } from '../../compliance/archive/format/chain-head.ts'
import { hashSegment } from '../../compliance/archive/format/segment.ts'
import { oldSegmentPath } from '../../compliance/archive/format/segment-number.ts'
import { segmentPrefix, sequenceIn } from '../../compliance/archive/format/segment-path.ts'
import type { FindKey } from '../../compliance/archive/format/signed-head.ts'
import { openSegment, type SignedSegment } from '../../compliance/archive/format/signed-segment.ts'
import type { ArchiveBytes } from '../../compliance/archive/verify/archive-source.ts'
import { digestOfReceipt } from '../../compliance/erasure/receipt.ts'
import { isEventOf } from '../../compliance/erasure/receipt-event.ts'
import { fromUtf8 } from '../../crypto/encoding.ts'
import { verifyReceipt } from '../../crypto/receipt-key.ts'

/** Receipts hold days. Those of versions before 0.3.0 hold times. */
const timeSchema = z
  .union([z.iso.date(), z.iso.datetime(), z.int().transform((ms) => new Date(ms).toISOString())])
  .nullable()

const erasureReceiptSchema = z.object({
  user_id: z.string(),
  basis: z.string(),
  requested_at: timeSchema,
  started_at: timeSchema,
  completed_at: timeSchema,
  /** The steps of the erasure, with times and counts. Printed unchanged. */
  steps: z.unknown(),
  /**
   * The head of the archive when a version before 0.3.0 signed the receipt. The sequence is 0 before the
   * first segment.
   */
  archive: z.object({ sequence: z.int().min(0), hash: z.string().regex(/^[0-9a-f]{64}$/) }).optional(),
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

interface Search {
  readonly archive: ArchiveBytes
  readonly findKey: FindKey
  /** Only the segment with this number. */
  readonly segment?: number | undefined
}

/**
 * Finds the signed segments with an event `user.erased` that names the digest of a receipt, newest first.
 * There is one, unless an attacker has a key of the service.
 */
export async function* findErasureEvents(
  jws: string,
  { archive, findKey, segment }: Search,
): AsyncGenerator<SignedSegment> {
  const digest = await digestOfReceipt(jws)
  const paths: string[] = []
  const prefix = segment === undefined ? 'audit/' : segmentPrefix(segment)
  for await (const path of archive.list(prefix)) if (sequenceIn(path) !== undefined) paths.push(path)
  for (const path of paths.sort().reverse()) {
    const text = await readText(archive, path)
    if (text === undefined || !text.includes(digest)) continue
    const signed = await openSegment(text, findKey)
    if (signed?.segment.lines.some(isEventOf(digest))) yield signed
  }
}

/** The place in the archive that a receipt of a version before 0.3.0 names. */
type NamedPlace = NonNullable<ErasureReceipt['archive']>

/** Tells whether the archive has the segment that the receipt names, at the position that it names. */
export async function findsItsPlace({ sequence, hash }: NamedPlace, archive: ArchiveBytes): Promise<boolean> {
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
