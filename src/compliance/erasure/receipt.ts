import * as z from 'zod'
import type { Context } from '../../context.ts'
import { day } from '../../core/time.ts'
import { hashText } from '../archive/format/chain-head.ts'
import type { BegunErasure } from './purge-user.ts'

/** Where receipts are in the archive. */
const RECEIPTS = 'receipts/'

/** Path of a receipt in the archive: its digest, which the event `user.erased` names. */
export const receiptPath = (digest: string): string => `${RECEIPTS}${digest}.jws`

/** SHA-256 of a receipt, a compact JWS; hexadecimal. */
export const digestOfReceipt = (receipt: string): Promise<string> => hashText(receipt)

/**
 * Signs the receipt of an erasure. It holds days and no finer times, so that it leads to no event of the
 * person.
 * @param steps what was done, by the names of the steps
 */
export const signReceipt = (
  { receipts }: Pick<Context, 'receipts'>,
  claim: BegunErasure,
  steps: Readonly<Record<string, unknown>>,
): Promise<string> =>
  receipts.sign('latchkey-erasure+jws', {
    user_id: claim.user_id,
    basis: claim.basis,
    requested_at: day(claim.requested_at),
    started_at: day(claim.started_at),
    completed_at: day(Date.now()),
    steps,
  })

const schema = z.object({ user_id: z.string() })

/** Reads a receipt. @returns undefined unless a key that this service trusts signed it */
export async function receiptOf(
  open: (type: 'latchkey-erasure+jws', jws: string) => Promise<unknown>,
  receipt: string | null,
): Promise<{ readonly user_id: string } | undefined> {
  return schema.safeParse(receipt && (await open('latchkey-erasure+jws', receipt))).data
}
