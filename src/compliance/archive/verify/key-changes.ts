import { tryStoredObject } from '../../../core/json.ts'
import { readEndorsement } from '../keys/key-endorsement.ts'
import type { EventLine } from '../lines/to-lines.ts'
import type { LogAction } from '../log/log-line.ts'
import type { Walk } from './chain-walk.ts'

/** Another key signs from a segment on. */
export interface KeyChange {
  /** The first segment that the new key signed. */
  readonly sequence: number
  /** Thumbprints. */
  readonly from: string
  readonly to: string
  /** Whether the old key endorsed the new one for this segment. Format 1 has no such endorsements. */
  readonly isEndorsed: boolean
}

/** Changes that are kept. There are more only if two deployments with other keys sign in turn for long. */
const KEPT = 100

interface SignedPlace {
  readonly sequence: number
  readonly kid: string
  readonly lines: readonly Pick<EventLine, 'action' | 'detail'>[]
}

/** Notes which key signed a segment, and whether the key before it endorsed that. */
export async function noteSigner(walk: Walk, { sequence, kid, lines }: SignedPlace): Promise<void> {
  const from = walk.signedBy
  walk.keys.add(kid)
  walk.signedBy = kid
  if (from === undefined || from === kid) return
  const isEndorsed = await isEndorsedBy(walk, from, { sequence, kid, lines })
  if (isEndorsed && (walk.vouched.has(from) || (await walk.source.isAnchored(from)))) walk.vouched.add(kid)
  walk.changeCount++
  if (walk.changes.length < KEPT) walk.changes.push({ sequence, from, to: kid, isEndorsed })
}

async function isEndorsedBy(walk: Walk, from: string, { sequence, kid, lines }: SignedPlace): Promise<boolean> {
  // An attacker who has a key that no longer counts could endorse any other key.
  if (await walk.source.isDistrusted?.(from, sequence)) return false
  const detail = lines.find(({ action }) => action === ('log.key_changed' satisfies LogAction))?.detail
  const jws = tryStoredObject(detail ?? '')?.endorsement
  if (typeof jws !== 'string') return false
  const endorsement = await readEndorsement(jws, new Map([[from, await walk.findKey(from)]]))
  return endorsement?.key.kid === kid && endorsement.sequence === sequence
}
