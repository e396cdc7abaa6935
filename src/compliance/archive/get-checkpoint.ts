import type { Context } from '../../context.ts'
import { readHead } from './read-head.ts'
import { checkpointPath } from './segment.ts'

/** The signed head and every key that ever signed one, as `/.well-known/audit-checkpoint` shows them. */
export interface Checkpoint {
  readonly sequence: number
  readonly hash: string
  readonly event_count: number
  /** Compact JWS; null before the first segment. */
  readonly checkpoint: string | null
  /** Public JWKs, `kid` = RFC 7638 thumbprint. They outlive the root keys that they came from. */
  readonly keys: readonly unknown[]
}

/** What the consumer signed when it wrote the newest segment; nothing is signed on request. */
export async function getCheckpoint(ctx: Pick<Context, 'db' | 'archive' | 'receipts'>): Promise<Checkpoint> {
  const { archive, receipts } = ctx
  const [head, names] = await Promise.all([readHead(ctx), archive.list('receipt-keys/')])
  const [checkpoint, ...stored] = await Promise.all([
    archive.read(checkpointPath(head.sequence)),
    ...names.map((name) => archive.read(name)),
  ])
  const isCurrent = (name: string) => name.includes(receipts.publicKey.kid)
  const published: unknown[] = stored.map((text) => JSON.parse(text ?? 'null'))
  return {
    sequence: head.sequence,
    hash: head.hash,
    event_count: head.eventCount,
    checkpoint: checkpoint ?? null,
    keys: names.some(isCurrent) ? published : [...published, receipts.publicKey],
  }
}
