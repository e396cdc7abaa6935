import * as z from 'zod'
import { answerSchema, orNull, type View } from '../../../core/answer-schema.ts'
import type { ChainHead } from '../format/chain-head.ts'

/** A public JWK; its `kid` is its RFC 7638 thumbprint. */
export const receiptKeyView = answerSchema('ReceiptKey', () => ({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  kid: z.string(),
}))

export type ReceiptKeyView = View<typeof receiptKeyView>

/**
 * The answer of `GET /.well-known/audit-checkpoint`: the signed head, and the published keys.
 */
export const checkpointView = answerSchema('Checkpoint', () => ({
  sequence: z.int(),
  /** SHA-256 of the newest segment, hexadecimal. */
  hash: z.string(),
  event_count: z.int(),
  /** Compact JWS; null before the first segment, and when none of the keys signed the newest one. */
  checkpoint: orNull(z.string()),
  /**
   * Keys stay listed after their root keys are removed, if a newer key endorsed them while both were there.
   */
  keys: z.array(receiptKeyView.schema),
}))

export type CheckpointView = View<typeof checkpointView>

/** @param checkpoint compact JWS that signs the head */
export const showCheckpoint = (
  { sequence, hash, eventCount }: ChainHead,
  checkpoint: string | null,
  keys: ReceiptKeyView[],
): CheckpointView => ({ sequence, hash, event_count: eventCount, checkpoint, keys })
