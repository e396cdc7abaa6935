import type { Context } from '../../../context.ts'
import type { ReceiptPublicKey } from '../../../crypto/receipt-key.ts'
import { formatNoteKey } from '../../../tlog/note.ts'
import { deriveLogKeys, originOf } from './log-keys.ts'
import { readEndorsedKeys } from './published-keys.ts'

interface ListedKeys {
  readonly keys: ReceiptPublicKey[]
  /** The keys of the log, as vkeys of C2SP signed-note, newest first. */
  readonly logKeys: string[]
}

/**
 * Lists the keys that the service publishes: those that trusted root keys derive, and those that endorsements
 * reach from them.
 */
export async function readListedKeys(
  ctx: Pick<Context, 'archive' | 'receipts' | 'ring' | 'settings'>,
): Promise<ListedKeys> {
  const { signers } = await deriveLogKeys(ctx, originOf(ctx.settings))
  const { keys, noteKeys } = await readEndorsedKeys(ctx)
  return { keys, logKeys: [...new Set([...signers.map(formatNoteKey), ...noteKeys])] }
}
