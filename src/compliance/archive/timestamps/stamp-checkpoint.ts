import type { Context } from '../../../context.ts'
import { day } from '../../../core/time.ts'
import { hashText } from '../format/chain-head.ts'
import { formatStampRequest, readStamp } from './time-stamp.ts'

type Dependencies = Pick<Context, 'archive' | 'outbound' | 'settings' | 'now'>

/** Where time-stamps are in the archive. */
const TIMESTAMPS = 'log/timestamps/'

const LIMIT_MS = 10_000

/** An answer with a chain of certificates has about 6,000. */
const MOST_BYTES = 65_536

/**
 * Has an authority (RFC 3161) sign the time at which a checkpoint exists, and stores checkpoint and answer in
 * the archive. Their path contains digits of the hash of the checkpoint, so it cannot be taken in advance.
 * @param note the text of the published note
 * @throws OutboundError, TimeLimitError, StampError
 */
export async function stampCheckpoint({ archive, outbound, settings, now }: Dependencies, note: string): Promise<void> {
  const { TSA_URL: url } = settings
  if (url === undefined) return
  const request = { text: note, nonce: crypto.getRandomValues(new Uint8Array(16)) }
  const { status, body } = await outbound({
    url,
    method: 'POST',
    headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
    body: Buffer.from(formatStampRequest(request)),
    limitMs: LIMIT_MS,
    maxBytes: MOST_BYTES,
  })
  if (status !== 200 || readStamp(body, request) === undefined) throw new StampError()
  const path = `${TIMESTAMPS}${day(now)}-${(await hashText(note)).slice(0, 16)}`
  await archive.create(`${path}.note`, note)
  await archive.create(`${path}.tsr`, body)
}

/** The authority refused, or its answer is not one to the request. */
class StampError extends Error {
  override readonly name = 'StampError'
}
