import { parseJson } from '../../../core/json.ts'
import { eventLinesIn, hashSegment } from '../format/segment.ts'
import { verifySignedHead } from '../format/signed-head.ts'
import { openSegment, type SignedSegment } from '../format/signed-segment.ts'
import { type ChainFinding, distrustedAt, found } from './chain-finding.ts'
import { visitAll, type Walk } from './chain-walk.ts'
import { noteSigner } from './key-changes.ts'
import type { Candidate, SegmentPlace } from './segment-source.ts'

interface Opened extends SignedSegment {
  readonly path: string
  readonly text: string
}

/**
 * Checks the objects that could be the segment of format 2 with this number. One of them must be signed and
 * continue the chain; it becomes the new head. The others are strays.
 * @returns what is wrong; `unsigned` if no object is signed and the place has a segment of format 1 as well
 */
export async function checkNewSegment(walk: Walk, place: SegmentPlace): Promise<ChainFinding | undefined | 'unsigned'> {
  const { sequence, candidates, old } = place
  const signed: Opened[] = []
  for (const { path, text } of candidates) {
    if (text === undefined) continue
    const opened = await openSegment(text, walk.findKey)
    if (opened?.head.sequence === sequence) signed.push({ ...opened, path, text })
  }
  const [first] = signed
  if (first === undefined) {
    return walk.started === undefined && old !== undefined ? 'unsigned' : await diagnose(walk, sequence, candidates)
  }
  const linked = signed.filter(({ segment }) => segment.header.previous === walk.head.hash)
  if (linked.length === 0) return previousDiffers(sequence)
  const continuing = await counting(walk, linked)
  if (continuing.length === 0) return distrustedAt(sequence, linked[0]?.head.kid)
  const [chosen, other] = continuing.length > 1 ? await anchored(walk, continuing) : continuing
  if (chosen === undefined || other !== undefined) {
    return found(
      'forked',
      sequence,
      `two signed segments ${sequence} continue the chain, and no key that you named tells which is genuine`,
    )
  }
  for (const { path } of candidates) if (path !== chosen.path) walk.strays.add(path)
  return await accept(walk, chosen)
}

/** Segments whose key counts there. Whoever has a distrusted key can plant others beside them. */
async function counting({ source }: Walk, segments: readonly Opened[]): Promise<readonly Opened[]> {
  const lost = await Promise.all(segments.map(({ head }) => source.isDistrusted?.(head.kid, head.sequence)))
  return segments.filter((_, i) => lost[i] !== true)
}

async function anchored({ source }: Walk, segments: readonly Opened[]): Promise<readonly Opened[]> {
  const isAnchored = await Promise.all(segments.map(({ head }) => source.isAnchored(head.kid)))
  return segments.filter((_, i) => isAnchored[i])
}

const previousDiffers = (sequence: number): ChainFinding =>
  sequence === 1
    ? found('malformed', 1, 'segment 1 names a previous segment')
    : found(
        'edited',
        sequence - 1,
        `segment ${sequence - 1} does not have the hash in the header of segment ${sequence}`,
      )

async function accept(walk: Walk, { head, text, segment: { header, lines } }: Opened) {
  const { sequence } = head
  if (header.first !== walk.head.eventCount) {
    return found('malformed', sequence, `segment ${sequence} has a wrong count of the events before it`)
  }
  if (header.created_at < walk.createdAtMs) {
    return found('malformed', sequence, `segment ${sequence} was written before segment ${sequence - 1}`)
  }
  if (head.started.sequence !== (walk.started ?? sequence)) {
    return found('malformed', sequence, `segment ${sequence} has a wrong number of the first segment of its format`)
  }
  walk.started = head.started.sequence
  walk.head = head
  walk.createdAtMs = head.createdAtMs
  walk.distrusted = head.distrusted ?? []
  await noteSigner(walk, { sequence, kid: head.kid, lines })
  walk.unsignedTail = false
  walk.onLines(eventLinesIn(text))
  return visitAll(walk, lines, sequence)
}

/** Finds out why none of the objects is a signed segment. */
async function diagnose(walk: Walk, sequence: number, candidates: readonly Candidate[]): Promise<ChainFinding> {
  for (const { text } of candidates) {
    const signed = text === undefined ? undefined : await readProof(walk, text)
    if (text === undefined || signed === undefined) continue
    if (signed.head.sequence !== sequence) {
      return (await holdsOriginal(walk, signed.head.sequence, text))
        ? found(
            'duplicate',
            sequence,
            `segment ${signed.head.sequence} is stored a second time, in place of segment ${sequence}`,
          )
        : found('reordered', sequence, `segment ${sequence} has the checkpoint of segment ${signed.head.sequence}`)
    }
    return signed.head.hash === (await hashSegment(text))
      ? found('malformed', sequence, `segment ${sequence} does not have the format that this service writes`)
      : found('edited', sequence, `segment ${sequence} does not have the hash in its checkpoint`)
  }
  return found('forged-head', sequence, `no known key signed the checkpoint of segment ${sequence}`)
}

/** Reads the last line of a text that is no segment. */
async function readProof({ findKey }: Walk, text: string) {
  const last = parseJson(text.trimEnd().split('\n').at(-1) ?? '')
  const checkpoint = typeof last === 'object' && last !== null && 'checkpoint' in last ? last.checkpoint : undefined
  return typeof checkpoint === 'string' ? await verifySignedHead(checkpoint, findKey) : undefined
}

async function holdsOriginal({ source }: Walk, sequence: number, text: string): Promise<boolean> {
  for (const path of await source.findSegments(sequence)) {
    const bytes = await source.read(path)
    if (bytes && new TextDecoder().decode(bytes) === text) return true
  }
  return false
}
