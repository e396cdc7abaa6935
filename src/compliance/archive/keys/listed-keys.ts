import type { Context } from '../../../context.ts'
import type { ReceiptPublicKey } from '../../../crypto/receipt-key.ts'
import { formatNoteKey } from '../../../tlog/note.ts'
import { deriveLogKeys } from './log-keys.ts'
import { readEndorsedKeys } from './published-keys.ts'

interface ListedKeys {
  readonly keys: ReceiptPublicKey[]
  /** The keys of the log, as vkeys of C2SP signed-note, newest first. */
  readonly logKeys: string[]
}

/**
 * Lists the keys that the service publishes: those that trusted root keys derive, and those that endorsements
 * reach from them.
 * @param origin the name of the log
 */
export async function readListedKeys(
  ctx: Pick<Context, 'archive' | 'receipts' | 'ring' | 'settings'>,
  origin: string,
): Promise<ListedKeys> {
  const { signers } = await deriveLogKeys(ctx, origin)
  const { keys, noteKeys } = await readEndorsedKeys(ctx)
  return { keys, logKeys: [...new Set([...signers.map(formatNoteKey), ...noteKeys])] }
}
