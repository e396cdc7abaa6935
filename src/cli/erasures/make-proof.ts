import { signerOf } from '../../compliance/archive/format/signed-head.ts'
import { formatProofFile } from '../../compliance/archive/proof/proof-file.ts'
import { verifyLine } from '../../compliance/archive/proof/verify-line.ts'
import { type ArchiveBytes, readKey } from '../../compliance/archive/verify/archive-source.ts'
import { digestOfReceipt } from '../../compliance/erasure/receipt.ts'
import { isEventOf } from '../../compliance/erasure/receipt-event.ts'
import { readNotedTree } from '../../tlog/checkpoint.ts'
import { proveInclusion } from '../../tlog/prove.ts'
import { findErasureEvents } from '../archive/erasure-receipt.ts'
import type { PublicLog } from '../archive/public-log.ts'

interface Sources {
  /** Compact JWS. */
  readonly receipt: string
  /** The segment that the database names. Without it, all segments are read, newest first. */
  readonly segment: number | undefined
  readonly archive: ArchiveBytes
  readonly log: Pick<PublicLog, 'readCheckpoint' | 'readTile'>
}

/**
 * Makes the file that proves an erasure without the service. The service makes the same one for operators who
 * sign in (`GET /api/v1/admin/erasures/:user_id/proof`).
 * @throws Error if the archive or the published log has no event that names the receipt
 */
export async function makeProof({ receipt, segment, archive, log }: Sources): Promise<string> {
  const line = await findLine(archive, receipt, segment)
  if (line === undefined) throw new Error('no signed segment of the archive has the event that names the receipt.')
  const checkpoint = await log.readCheckpoint()
  const size = readNotedTree(checkpoint)?.head.size ?? 0
  if (line.index >= size) throw new Error('the published log does not have the event yet: try again in five minutes.')
  const hashes = await proveInclusion(line.index, { size, readTile: log.readTile })
  const proof = { index: line.index, proof: hashes, checkpoint }
  const finding = await verifyLine({ line: line.text, proof }, undefined)
  if (typeof finding === 'string') throw new Error(`archive and published log do not agree: ${finding}.`)
  const receiptKey = JSON.stringify(await readKey(archive, signerOf(receipt) ?? ''))
  return formatProofFile({ kind: 'erasure', receipt, receiptKey, line: line.text, proof })
}

async function findLine(archive: ArchiveBytes, receipt: string, segment: number | undefined) {
  const isWanted = isEventOf(await digestOfReceipt(receipt))
  const found = findErasureEvents(receipt, { archive, findKey: (kid) => readKey(archive, kid), segment })
  for await (const { segment: own } of found) {
    const place = own.lines.findIndex(isWanted)
    return { index: own.header.first + place, text: JSON.stringify(own.lines[place]) }
  }
  return undefined
}
