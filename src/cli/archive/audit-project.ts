import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { FindKey } from '../../compliance/archive/format/signed-head.ts'
import { pathOfTile } from '../../compliance/archive/tree/read-tiles.ts'
import { type ArchiveBytes, createSegmentSource, readKey } from '../../compliance/archive/verify/archive-source.ts'
import { verifyChain } from '../../compliance/archive/verify/verify-chain.ts'
import { appendDigests, type Edge, EMPTY_EDGE, type FullTile } from '../../tlog/edge.ts'
import { digestOfLine } from '../../tlog/entry.ts'
import type { CommandResult } from '../shared/command-result.ts'
import { startProgress } from '../shared/progress.ts'
import { UsageError } from '../shared/usage-error.ts'
import { type AnchorChoice, readAnchor } from './anchors.ts'
import { openArchive, openToWrite } from './open-archive.ts'
import { readingToTheEnd } from './reading.ts'

interface Choice extends AnchorChoice {
  /** The folder to write to. The bucket itself by default. */
  readonly out?: string | undefined
}

/** Writes a tile. @returns whether it was written, was there already, or differs from what is there */
type WriteTile = (path: string, bytes: Uint8Array) => Promise<'written' | 'present' | 'differs'>

/**
 * Writes the full tiles and bundles of the log that the segments of an archive give, byte for byte as the
 * service writes them. Nothing is written unless the whole archive holds, and nothing is overwritten.
 * @throws UsageError
 * @throws UnreadableError
 */
export async function auditProject(choice: Choice): Promise<CommandResult> {
  const { out } = choice
  if (out === undefined && choice.dir !== undefined) throw new UsageError('--dir needs --out.')
  return await readingToTheEnd(() =>
    out === undefined
      ? openToWrite(choice, (bucket) => project(bucket, choice, writeMissing(bucket)))
      : openArchive(choice, (archive) => project(archive, choice, writeTo(out))),
  )
}

/**
 * An object of the bucket is never overwritten: the service replaces a planted one by itself, with an alarm.
 */
const writeMissing =
  (bucket: ArchiveBytes & { create(path: string, bytes: Uint8Array): Promise<void> }): WriteTile =>
  async (path, bytes) => {
    const found = await bucket.read(path)
    if (found !== undefined) return Buffer.compare(found, bytes) === 0 ? 'present' : 'differs'
    await bucket.create(path, bytes)
    return 'written'
  }

const writeTo =
  (folder: string): WriteTile =>
  async (path, bytes) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), bytes)
    return 'written'
  }

async function project(archive: ArchiveBytes, choice: Choice, write: WriteTile): Promise<CommandResult> {
  const anchor = await readAnchor(choice, archive)
  const findKey: FindKey = async (kid) => (await anchor?.find(kid)) ?? (await readKey(archive, kid))
  const source = createSegmentSource(archive, { findKey, findAnchor: anchor?.find })
  const finding = await walk(source, async () => undefined)
  if (finding !== undefined) return refuse(`${finding}. Nothing was written`)
  const counts = { written: 0, present: 0, differs: 0 }
  let edge: Edge = EMPTY_EDGE
  const changed = await walk(source, async (lines) => {
    const grown = appendDigests(edge, lines.map(digestOfLine))
    edge = grown.edge
    for (const tile of grown.full) counts[await write(pathOfTile(tile), bytesOf(tile))]++
  })
  if (changed !== undefined) return refuse(changed)
  if (counts.differs > 0) return refuse(`${counts.differs} objects have other bytes. They were left as they are`)
  return {
    document: { ok: true, size: edge.size, ...counts },
    words: [
      `The segments give ${edge.size} lines. Tiles and bundles: ${counts.written} written, ${counts.present} were there.`,
    ],
    exitCode: 0,
  }
}

const bytesOf = ({ bytes }: FullTile): Uint8Array => bytes

/**
 * Walks through an archive.
 * @param take called for the lines of each segment, when the segment is sound
 * @returns what is wrong
 */
async function walk(
  source: ReturnType<typeof createSegmentSource>,
  take: (lines: readonly string[]) => Promise<void>,
): Promise<string | undefined> {
  const progress = startProgress('segments')
  const waiting: (readonly string[])[] = []
  try {
    const steps = verifyChain(source, { onLines: (lines) => waiting.push(lines) })
    for (;;) {
      const step = await steps.next()
      for (const lines of waiting.splice(0)) await take(lines)
      if (step.done) return step.value.ok ? undefined : step.value.finding.message
      progress.show(step.value.segments, step.value.ofSegments)
    }
  } finally {
    progress.clear()
  }
}

const refuse = (message: string): CommandResult => ({
  document: { ok: false, message },
  words: [`FAILED: ${message}.`],
  exitCode: 1,
})
