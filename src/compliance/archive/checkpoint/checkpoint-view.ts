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

/** The signed head and the published keys, without the checkpoint of the log. */
export const headMembers = () => ({
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
  /**
   * The keys that sign notes of the log, as vkeys of C2SP signed-note. They stay listed as `keys` do.
   */
  log_keys: z.array(z.string()),
})

/**
 * The answer of `GET /.well-known/audit-checkpoint`: the signed head, the published checkpoint of the log,
 * and the published keys.
 */
export const checkpointView = answerSchema('Checkpoint', () => ({
  ...headMembers(),
  /** Signed note (C2SP tlog-checkpoint); null before the first one is published. */
  note: orNull(z.string()),
}))

export type CheckpointView = View<typeof checkpointView>

export type SignedHeadView = Omit<CheckpointView, 'note'>

interface Keys {
  readonly keys: ReceiptKeyView[]
  readonly logKeys: string[]
}

/** @param checkpoint compact JWS that signs the head */
export const showHead = (
  { sequence, hash, eventCount }: ChainHead,
  checkpoint: string | null,
  { keys, logKeys }: Keys,
): SignedHeadView => ({ sequence, hash, event_count: eventCount, checkpoint, keys, log_keys: logKeys })
