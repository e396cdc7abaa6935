import { sql } from 'drizzle-orm'
import type { Publishing } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import type { UserId } from '../../core/ids.ts'
import { parseJson } from '../../core/json.ts'
import { verifyReceipt } from '../../crypto/receipt-key.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import { proveLine } from '../archive/checkpoint/prove-line.ts'
import { receiptKeyPath } from '../archive/format/chain-head.ts'
import { signerOf } from '../archive/format/signed-head.ts'
import { notPublished } from '../archive/proof/not-published.ts'
import { formatProofFile } from '../archive/proof/proof-file.ts'
import { digestOfReceipt, receiptOf } from './receipt.ts'
import { fromReceiptEvent, isEventOf } from './receipt-event.ts'

/** What the database has of a completed erasure. */
interface CompletedErasure {
  readonly userId: UserId
  /** Compact JWS. */
  readonly receipt: string
  /** Unix milliseconds. */
  readonly completedAt: number
  /** The segment that has the event of the receipt. Null before the sweep, an hour after the purge. */
  readonly recordedIn: number | null
}

/**
 * Makes the file that proves an erasure without the service: `formatProofFile`.
 * @throws AppError `not_found` for a receipt that no event names, as those of versions before 0.3.0;
 * `proof_not_published` until the published log has the event; `unavailable`
 */
export async function proveErasure(ctx: Publishing, erasure: CompletedErasure): Promise<string> {
  const { receipt } = erasure
  const digest = await digestOfReceipt(receipt)
  const segment = erasure.recordedIn ?? (await findSegment(ctx, digest, erasure.completedAt))
  const receiptKey = await findReceiptKey(ctx, erasure)
  if (segment === 0 || receiptKey === undefined) throw new AppError('not_found')
  const proven = await proveLine(ctx, { segment, isWanted: isEventOf(digest) })
  if (proven === undefined) throw new AppError('not_found')
  return formatProofFile({ kind: 'erasure', receipt, receiptKey, ...proven })
}

const found = { archived_in: computed.countOrNull(sql`archived_in`) } as const

/** @returns 0 if the archive refused the event @throws AppError `not_found`, `proof_not_published` */
async function findSegment(ctx: Publishing, digest: string, completedAt: number): Promise<number> {
  const event = await ctx.db.first(
    withRows(found, sql`SELECT ${columnsOf(found)} ${fromReceiptEvent(digest, completedAt)} LIMIT 1`),
  )
  if (event === undefined) throw new AppError('not_found')
  if (event.archived_in === null) throw notPublished(ctx)
  return event.archived_in
}

/** @returns JSON of the public key, undefined unless it has signed the receipt of this person */
async function findReceiptKey(
  { receipts, archive }: Publishing,
  { userId, receipt }: CompletedErasure,
): Promise<string | undefined> {
  const kid = signerOf(receipt) ?? ''
  const own = receipts.derived.find(({ key }) => key.kid === kid)?.key
  // A key of before a rotation. The name of its object is its thumbprint, which `verifyReceipt` checks.
  const key = own ?? parseJson((await archive.read(receiptKeyPath(kid))) ?? '')
  const signed = await receiptOf((type, jws) => verifyReceipt(type, jws, async () => key), receipt)
  return signed?.user_id === userId ? JSON.stringify(key) : undefined
}
