import { type SQL, sql } from 'drizzle-orm'
import type { AuditAction } from '../../core/audit-event.ts'
import { timePrefix } from '../../core/ids.ts'
import { DAY_MS, startOfDay } from '../../core/time.ts'

/** The event that records the end of an erasure. */
const ERASED = 'user.erased' satisfies AuditAction['action']

/** The detail of that event: the digest of the receipt, and nothing that names the person. */
export const receiptDetail = (digest: string): { readonly receipt: string } => ({ receipt: digest })

/**
 * SQL: `FROM` and `WHERE` that find the event of a receipt in the database, while it is there. Index
 * `audit_events_action`, over the days around the end of the erasure.
 * @param digest from `digestOfReceipt`
 * @param completedAt the day on which the erasure ended, in Unix milliseconds
 */
export const fromReceiptEvent = (digest: string, completedAt: number): SQL => sql`
  FROM audit_events
  WHERE action = ${ERASED} AND id >= ${timePrefix(startOfDay(completedAt))} AND id < ${timePrefix(startOfDay(completedAt) + 2 * DAY_MS)}
    AND detail = ${JSON.stringify(receiptDetail(digest))}`

/** Whether an event of the archive is the one that names this receipt. */
export const isEventOf =
  (digest: string) =>
  ({ action, detail }: { readonly action: string; readonly detail: string | null }): boolean =>
    action === ERASED && detail === JSON.stringify(receiptDetail(digest))
