import type { StatementReading } from '../../context.ts'
import { type ReceiptPublicKey, type ReceiptType, verifyReceipt } from '../../crypto/receipt-key.ts'
import { readPublishedKeys } from '../archive/keys/published-keys.ts'

/**
 * Reads a signed statement.
 * @returns its payload; undefined unless a key that this service trusts signed it
 */
type OpenStatement = (type: ReceiptType, jws: string) => Promise<unknown>

/**
 * Reads statements of this service from stores that others may write. A key counts if a trusted root key
 * derives it, or if endorsements reach it. The endorsements are read only for a key that no root key derives.
 */
export function openStatements(ctx: Omit<StatementReading, 'vaultStatements'>): OpenStatement {
  const derived = ctx.receipts.derived.filter(({ isTrusted }) => isTrusted).map(({ key }) => key)
  let published: Promise<readonly ReceiptPublicKey[]> | undefined
  return (type, jws) =>
    verifyReceipt(type, jws, async (kid) => {
      const key = derived.find((one) => one.kid === kid)
      if (key !== undefined) return key
      published ??= readPublishedKeys(ctx)
      return (await published).find((one) => one.kid === kid)
    })
}
