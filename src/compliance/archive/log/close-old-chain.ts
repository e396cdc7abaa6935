import type { Archiving } from '../../../context.ts'
import { hashText } from '../format/chain-head.ts'
import { CLOSING_OBJECT, parseOldSegment } from '../format/old-segment.ts'
import { checkpointPath, oldSegmentPath } from '../format/segment-number.ts'
import { BrokenArchiveError } from './broken-archive-error.ts'
import { findOldEnd, type OldEnd } from './old-chain.ts'
import type { StoredHeads } from './read-head.ts'

/** Segments that a Worker of the version before may append while its chain is being closed. */
const MOST_APPENDED = 10

/**
 * Closes the chain of format 1, so that a Worker of the version before, which may still run, cannot continue
 * it: that Worker finds that the next name is taken by an object that is no segment, and retries.
 * @returns the last segment. No key of this service signs a later one
 * @throws BrokenArchiveError
 */
export async function closeOldChain(ctx: Archiving, stored: StoredHeads | undefined): Promise<OldEnd> {
  for (let appended = 0; appended <= MOST_APPENDED; appended++) {
    const end = await findOldEnd(ctx, stored)
    const unsigned = await closeNames(ctx, end)
    await closeCheckpoints(ctx, unsigned)
    const isLast = unsigned.length === 0 || (await findOldEnd(ctx, stored)).sequence === end.sequence
    if (isLast) return end
  }
  throw new BrokenArchiveError()
}

/** Segments that a run of the version before could still adopt. */
const MOST_ADOPTED = 50

/**
 * Creates the closing object under the first free name after the end.
 * @returns the numbers of segments before it that a Worker of the version before would adopt, because it
 * wrote them and has not signed them yet
 */
async function closeNames(ctx: Archiving, end: OldEnd): Promise<readonly number[]> {
  const unsigned: number[] = []
  let { sequence, hash } = end
  while (unsigned.length < MOST_ADOPTED) {
    const path = oldSegmentPath(sequence + 1)
    if (await ctx.archive.create(path, CLOSING_OBJECT)) break
    const text = (await ctx.archive.read(path)) ?? ''
    const header = parseOldSegment(text)?.header
    if (header?.sequence !== sequence + 1 || header.previous !== hash) break
    ;[sequence, hash] = [sequence + 1, await hashText(text)]
    unsigned.push(sequence)
  }
  return unsigned
}

/**
 * Takes the names of the checkpoints of these segments. Whoever creates the first of them decides whether its
 * segment belongs to the chain: this service, or the Worker of the version before, which signs it.
 */
async function closeCheckpoints({ archive }: Archiving, sequences: readonly number[]): Promise<void> {
  for (const sequence of sequences) await archive.create(checkpointPath(sequence), CLOSING_OBJECT)
}
