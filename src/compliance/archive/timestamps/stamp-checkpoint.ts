import { createHash } from 'node:crypto'
import type { Stamping } from '../../../context.ts'
import { day } from '../../../core/time.ts'
import { readPublication } from '../checkpoint/publication.ts'
import { timeStampPath } from '../format/time-stamp-path.ts'
import { formatStampRequest, readStamp } from './time-stamp.ts'

const LIMIT_MS = 10_000

/** An answer with a chain of certificates has about 6,000. */
const MOST_BYTES = 65_536

/**
 * Has an authority (RFC 3161) sign the time at which the published checkpoint of the log exists, and stores
 * checkpoint and answer in the archive. Run by the cron, once a day. Does nothing without `TSA_URL`.
 * @throws OutboundError, TimeLimitError, StampError
 */
export async function stampCheckpoint(ctx: Stamping): Promise<void> {
  const { archive, outbound, now } = ctx
  const { TSA_URL: url } = ctx.settings
  if (url === undefined) return
  const note = (await readPublication(ctx)).publication?.log?.note
  if (note === undefined) return
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
  const path = timeStampPath(day(now), createHash('sha256').update(body).digest('hex'))
  const isStored = (await archive.create(`${path}.note`, note)) && (await archive.create(`${path}.tsr`, body))
  // An attacker who sees the first object could take the name of the second one.
  if (!isStored) throw new StampError()
}

/** The authority refused, its answer is not one to the request, or an attacker was faster in the archive. */
class StampError extends Error {
  override readonly name = 'StampError'
}
