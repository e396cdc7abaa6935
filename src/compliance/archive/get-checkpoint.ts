import type { Context } from '../../context.ts'
import { parseJson } from '../../core/json.ts'
import { type CheckpointView, type ReceiptKeyView, receiptKeyView, showCheckpoint } from './checkpoint-view.ts'
import { readHead } from './read-head.ts'
import { checkpointPath } from './segment.ts'

/**
 * Returns the checkpoint that the consumer signed when it wrote the newest segment. Nothing is signed on
 * request.
 */
export async function getCheckpoint(ctx: Pick<Context, 'db' | 'archive' | 'receipts'>): Promise<CheckpointView> {
  const { archive, receipts } = ctx
  const [head, names] = await Promise.all([readHead(ctx), archive.list('receipt-keys/')])
  const [checkpoint, ...stored] = await Promise.all([
    archive.read(checkpointPath(head.sequence)),
    ...names.map((name) => archive.read(name)),
  ])
  const isCurrent = (name: string) => name.includes(receipts.publicKey.kid)
  const published = stored.flatMap(readKey)
  return showCheckpoint(
    head,
    checkpoint ?? null,
    names.some(isCurrent) ? published : [...published, receipts.publicKey],
  )
}

/** A file that is not a key is left out, so that the other keys are still published. */
const readKey = (text: string | undefined): ReceiptKeyView | readonly [] =>
  receiptKeyView.schema.safeParse(parseJson(text ?? '')).data ?? []
