import type { ChainHead } from '../format/chain-head.ts'
import { isClosing } from '../format/old-segment.ts'
import { type ChainFinding, found } from './chain-finding.ts'
import type { Walk } from './chain-walk.ts'
import { checkNewSegment } from './check-new-segment.ts'
import { checkOldSegment } from './check-old-segment.ts'
import { readPlaces, type SegmentPlace } from './segment-source.ts'

/**
 * Checks segment after segment, and stops at the first finding, or where the archive has no next segment.
 * @returns the finding, after yielding at every segment
 */
export async function* walkChain(walk: Walk): AsyncGenerator<ChainHead, ChainFinding | undefined> {
  const range = { after: walk.head.sequence, last: walk.last, readsOld: () => walk.started === undefined }
  for await (const read of readPlaces(walk.source, range)) {
    // An object that closes format 1 is no segment.
    const place = isClosing(read.old?.text ?? '') ? { ...read, old: undefined } : read
    if (place.candidates.length === 0 && (place.old === undefined || walk.started !== undefined)) return undefined
    const finding = (await checkPlace(walk, place)) ?? checkKept(walk)
    if (finding) return finding
    yield walk.head
  }
  return undefined
}

async function checkPlace(walk: Walk, place: SegmentPlace): Promise<ChainFinding | undefined> {
  const { candidates, old } = place
  if (candidates.length > 0) {
    const checked = await checkNewSegment(walk, place)
    // Without a signed segment of format 2, the objects were planted beside a segment of format 1.
    if (checked !== 'unsigned') return checked
    for (const { path } of candidates) walk.strays.add(path)
  }
  return old === undefined ? undefined : await checkOldSegment(walk, { ...place, old })
}

function checkKept({ kept, head: { sequence, hash, eventCount } }: Walk) {
  if (kept === undefined || kept.head.sequence !== sequence) return undefined
  if (kept.head.hash !== hash || kept.head.event_count !== eventCount) {
    return found('rewritten', sequence, `segment ${sequence} is not the segment that the kept checkpoint names`)
  }
  if (kept.isSigned) return undefined
  return found('forged-head', sequence, 'the kept checkpoint matches, but no known key signed it')
}
