import { env } from 'cloudflare:workers'
import { expect } from 'vitest'
import { GENESIS } from '../../src/compliance/archive/format/chain-head.ts'
import { hashSegment, parseSegment } from '../../src/compliance/archive/format/segment.ts'
import { segmentPath, sequenceIn } from '../../src/compliance/archive/format/segment-path.ts'
import type { EventLine } from '../../src/compliance/archive/lines/to-lines.ts'
import { jobContext } from './job-context.ts'
import { keysIn, rows } from './service.ts'

/** The text of an object of the archive; empty if there is none. */
export const textAt = async (path: string): Promise<string> => (await (await env.ARCHIVE.get(path))?.text()) ?? ''

/** The path of a segment, as the service computes it. */
export async function pathOf(sequence: number): Promise<string> {
  const { logVault } = await jobContext()
  const key = await logVault.findNameKey()
  if (key === undefined) throw new Error('the vault has no key for names')
  return segmentPath(key, sequence)
}

/** Paths of the segments of format 2, in their order. */
export const segmentPaths = async (): Promise<string[]> =>
  (await keysIn(env.ARCHIVE, 'audit/')).filter((path) => sequenceIn(path) !== undefined)

/**
 * Checks every link of the chain of format 2, as an auditor would.
 * @param after the head of format 1
 * @returns all lines in order, without those about the archive itself
 */
export async function readLog(after = GENESIS): Promise<EventLine[]> {
  let { sequence, hash: previous, eventCount: first } = after
  const lines: EventLine[] = []
  for (const path of await segmentPaths()) {
    const text = await textAt(path)
    const segment = parseSegment(text)
    expect(segment?.header).toMatchObject({ sequence: ++sequence, previous, first })
    lines.push(...(segment?.lines ?? []))
    previous = await hashSegment(text)
    first += segment?.header.count ?? 0
  }
  if (sequence > after.sequence) expect(lines[0]?.action).toBe('log.started')
  return lines.filter(({ action }) => !action.startsWith('log.'))
}

/** The number of the newest segment, according to the database. */
export async function headSequence(): Promise<number> {
  const [head] = await rows<{ checkpoint: string }>('SELECT checkpoint FROM log_head')
  return head === undefined ? 0 : payloadOf(head.checkpoint).sequence
}

/** The payload of a JWS, unchecked. */
const payloadOf = (jws: string): { sequence: number; hash: string; event_count: number } =>
  JSON.parse(atob(jws.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? ''))

/** The names of the active alarms. */
export const alarmNames = async (): Promise<string[]> =>
  (await rows<{ name: string }>('SELECT name FROM alarms ORDER BY name')).map(({ name }) => name)

/** The lines about the archive itself after the first one: action, segment and detail. */
export async function keyLinesIn(): Promise<{ action: string; sequence: number; detail: Record<string, unknown> }[]> {
  const found = []
  for (const path of await segmentPaths()) {
    const { header, lines = [] } = parseSegment(await textAt(path)) ?? {}
    // Ids of the same millisecond are in any order.
    for (const { action, detail } of lines.toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)))
      if (action.startsWith('log.key_'))
        found.push({ action, sequence: header?.sequence ?? 0, detail: JSON.parse(detail ?? '{}') })
  }
  return found
}

const orderOf = ({ action, detail }: EventLine): string => `${action} ${/"version":\d+/.exec(detail ?? '')}`
