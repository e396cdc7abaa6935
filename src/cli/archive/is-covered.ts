import type { LogHead } from '../../compliance/archive/format/log-head.ts'
import type { FindKey } from '../../compliance/archive/format/signed-head.ts'
import { type ArchiveBytes, createSegmentSource, readKey } from '../../compliance/archive/verify/archive-source.ts'
import { startWalk } from '../../compliance/archive/verify/chain-walk.ts'
import { Strays } from '../../compliance/archive/verify/segment-source.ts'
import { walkChain } from '../../compliance/archive/verify/walk-chain.ts'
import type { Distrusts } from './distrusts.ts'

interface Keys {
  /** Finds keys that come from outside the archive. */
  readonly findAnchor: FindKey
  readonly distrusts: Distrusts
}

/**
 * Tells whether a later segment covers a segment: each one continues the one before, and an anchored key that
 * nobody distrusts signed the last. That signature covers all hashes before it, whichever keys signed those.
 */
export async function isCovered(
  archive: ArchiveBytes,
  head: LogHead,
  { findAnchor, distrusts }: Keys,
): Promise<boolean> {
  const findKey: FindKey = async (kid) => (await findAnchor(kid)) ?? (await readKey(archive, kid))
  const source = createSegmentSource(archive, { findKey, findAnchor })
  const start = { head, started: head.started.sequence, createdAtMs: head.createdAtMs, signedBy: head.kid }
  const end = { last: Number.MAX_SAFE_INTEGER - 1000, kept: undefined, strays: new Strays(), visit: () => undefined }
  const walk = startWalk(source, { ...start, ...end })
  const steps = walkChain(walk)
  for (let step = await steps.next(); !step.done; step = await steps.next()) {
    const kid = walk.signedBy
    if (kid !== undefined && !distrusts.names(kid) && (await findAnchor(kid)) !== undefined) return true
  }
  return false
}
