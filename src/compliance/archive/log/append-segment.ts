import type { Archiving } from '../../../context.ts'
import { log } from '../../../core/log.ts'
import { HOUR_MS } from '../../../core/time.ts'
import { raiseAlarm } from '../../alarms/raise-alarm.ts'
import { hashText, receiptKeyPath } from '../format/chain-head.ts'
import { type LogHead, signedHeadOf } from '../format/log-head.ts'
import { formatBody, formatSegment, headAfter, parseSegment } from '../format/segment.ts'
import { segmentPath } from '../format/segment-path.ts'
import { signerOf } from '../format/signed-head.ts'
import { openSegment, type SignedSegment } from '../format/signed-segment.ts'
import { derivedKeys } from '../keys/log-signers.ts'
import type { EventLine } from '../lines/to-lines.ts'
import { BrokenArchiveError } from './broken-archive-error.ts'
import { keyLines } from './key-lines.ts'

/** Where the next segment goes. */
export interface LogEnd {
  readonly head: Omit<LogHead, 'checkpoint' | 'kid'> & { readonly kid: string | undefined }
  /** From `LogVault`. */
  readonly nameKey: Uint8Array
}

/**
 * Writes the next segment. If its name is taken, another run has written it: then that segment is returned
 * instead, if a trusted key of this isolate signed it and it continues the head.
 * @param lines at least one, in the order of their ids
 * @throws BrokenArchiveError when the object in its place is not such a segment
 */
export async function appendSegment(ctx: Archiving, end: LogEnd, lines: readonly EventLine[]): Promise<SignedSegment> {
  if (isDistrusted(ctx, end)) {
    log('error', 'archive_signer_distrusted', { sequence: end.head.sequence + 1 })
    throw new BrokenArchiveError()
  }
  const { segment, head, text } = await makeSegment(ctx, end, lines)
  // The key is stored before the first segment that it signs, for verifiers that have no other source.
  if (end.head.kid !== head.kid) {
    await ctx.archive.create(receiptKeyPath(head.kid), JSON.stringify(ctx.receipts.publicKey))
  }
  const path = segmentPath(end.nameKey, head.sequence)
  if (await ctx.archive.create(path, text)) return { segment, head }
  return await readTaken(ctx, end, path)
}

/**
 * Whether the archive has recorded that the key of this isolate no longer counts. Then this isolate is an old
 * one, which leaves the batch to others.
 */
const isDistrusted = ({ receipts }: Archiving, { head }: LogEnd): boolean =>
  head.distrusted?.some(({ kid }) => kid === receipts.publicKey.kid) === true

async function makeSegment(ctx: Archiving, { head }: LogEnd, events: readonly EventLine[]) {
  const { receipts, settings, now } = ctx
  // The first segment contains `log.started` alone.
  const keys = head.kid === undefined ? undefined : await keyLines(ctx, { ...head, kid: head.kid })
  const lines = keys === undefined ? events : [...keys.lines, ...events].toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const header = {
    format: 'latchkey-audit/2',
    sequence: head.sequence + 1,
    previous: head.hash,
    first: head.eventCount,
    count: lines.length,
    // The clocks of two isolates may differ.
    created_at: Math.max(now, head.createdAtMs),
    origin: settings.ISSUER,
  } as const
  const hash = await hashText(formatBody({ header, lines }))
  const distrusted = keys?.distrusted ?? []
  const next = { ...headAfter(header, hash), createdAtMs: header.created_at, started: head.started, distrusted }
  const checkpoint = await receipts.sign('latchkey-checkpoint+jws', signedHeadOf(next))
  const segment = { header, lines, checkpoint }
  return { segment, head: { ...next, checkpoint, kid: receipts.publicKey.kid }, text: formatSegment(segment) }
}

async function readTaken(ctx: Archiving, end: LogEnd, path: string): Promise<SignedSegment> {
  const text = (await ctx.archive.read(path)) ?? ''
  const taken = await openSegment(text, derivedKeys(ctx))
  if (taken?.head.sequence === end.head.sequence + 1 && taken.segment.header.previous === end.head.hash) return taken
  if (mayBeOfNewerKey(ctx, text)) log('error', 'archive_signer_unknown', { sequence: end.head.sequence + 1 })
  else await raiseAlarm(ctx, 'squatted_name')
  throw new BrokenArchiveError()
}

/**
 * Whether another isolate with a newer root key may have just written the segment. Then this isolate, which
 * does not have that key yet, leaves the batch to the other.
 */
function mayBeOfNewerKey({ receipts, now }: Archiving, text: string): boolean {
  const segment = parseSegment(text)
  const kid = segment && signerOf(segment.checkpoint)
  const isRecent = segment !== undefined && Math.abs(now - segment.header.created_at) < HOUR_MS / 4
  return isRecent && kid !== undefined && !receipts.derived.some(({ key }) => key.kid === kid)
}
