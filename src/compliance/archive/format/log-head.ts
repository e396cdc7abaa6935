import { rfc3339 } from '../../../core/time.ts'
import type { ChainHead } from './chain-head.ts'
import { type FindKey, type RecordedDistrust, type SignedHead, verifySignedHead } from './signed-head.ts'

/** The newest segment, as its checkpoint describes it. */
export interface LogHead extends ChainHead {
  /** Compact JWS. */
  readonly checkpoint: string
  /** The thumbprint of the key that signed it. */
  readonly kid: string
  /** Unix milliseconds. */
  readonly createdAtMs: number
  /** The first segment of format 2. */
  readonly started: { readonly sequence: number; readonly atMs: number }
  /** The keys that this service has recorded as distrusted, in the order of their events. */
  readonly distrusted?: readonly RecordedDistrust[]
}

/** Checks a checkpoint of format 2. @returns undefined if any part is wrong @throws what `findKey` throws */
export async function verifyLogHead(checkpoint: string, findKey: FindKey): Promise<LogHead | undefined> {
  const signed = await verifySignedHead(checkpoint, findKey)
  const started = signed?.head.started
  if (signed === undefined || started === undefined) return undefined
  const { sequence, hash, event_count, created_at, distrusted } = signed.head
  return {
    sequence,
    hash,
    eventCount: event_count,
    checkpoint,
    kid: signed.kid,
    createdAtMs: Date.parse(created_at),
    started: { sequence: started.sequence, atMs: Date.parse(started.at) },
    ...(distrusted && { distrusted }),
  }
}

/** The payload of a segment's checkpoint. */
export const signedHeadOf = ({
  sequence,
  hash,
  eventCount,
  createdAtMs,
  started,
  distrusted = [],
}: Omit<LogHead, 'checkpoint' | 'kid'>): SignedHead => ({
  sequence,
  hash,
  event_count: eventCount,
  created_at: rfc3339(createdAtMs),
  started: { sequence: started.sequence, at: rfc3339(started.atMs) },
  ...(distrusted.length > 0 && { distrusted: [...distrusted] }),
})
