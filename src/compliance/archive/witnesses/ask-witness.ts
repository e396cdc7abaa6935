import type { Context } from '../../../context.ts'
import { decodeText } from '../../../core/decode-text.ts'
import { OutboundError } from '../../../core/outbound-error.ts'
import type { OutboundAnswer } from '../../../core/ports.ts'
import { HOUR_MS } from '../../../core/time.ts'
import { type Note, type NoteKey, parseNote, toBase64 } from '../../../tlog/note.ts'
import type { KnownWitness } from '../../../tlog/policy.ts'
import { type Cosignature, findCosignature } from './find-cosignature.ts'
import type { ProveGrowth } from './prove-growth.ts'

/** The checkpoint to cosign. */
export interface CosignRequest {
  /** The note as it is sent. */
  readonly text: string
  readonly note: Note
  readonly size: number
  readonly prove: ProveGrowth
}

/**
 * Why a witness gave no cosignature.
 *
 * - `refused`: it does not know the log or its key, or takes the checkpoint for a fork (403, 404, 422).
 * - `ahead`: it has cosigned a larger tree.
 * - `malformed`: a 409 without a size, or an answer that is no signature.
 * - `not_cosigned`: no signature of its key over this note at this time.
 * - `no_proof`: the archive did not give the tiles.
 * - `status_<n>`: another status.
 * - the name of an `OutboundError`: no answer.
 */
export type WitnessFailure = { readonly failure: string }

/** Milliseconds for all requests to one witness. */
const LIMIT_MS = 10_000

/** Bytes of an answer: a few signatures, also of other kinds of keys. */
const MOST_BYTES = 65_536

/** Another run may have moved the witness between two requests, so a conflict may come twice. */
const ATTEMPTS = 3

/** How far the clock of a witness may be ahead, and how old a cosignature may be that it gives. */
const [MOST_AHEAD_MS, MOST_BEHIND_MS] = [HOUR_MS / 12, HOUR_MS]

const REFUSALS: readonly number[] = [403, 404, 422]

/**
 * Asks a witness to cosign a checkpoint (C2SP tlog-witness). Never throws.
 * @param knownSize the size that it is believed to have cosigned last. If that is wrong, it names its size
 */
export async function askWitness(
  { outbound, now }: Pick<Context, 'outbound' | 'now'>,
  { key, url = '' }: KnownWitness,
  { text, note, size, prove }: CosignRequest,
  knownSize: number,
): Promise<Cosignature | WitnessFailure> {
  const until = Date.now() + LIMIT_MS
  let oldSize = knownSize
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const proof = await prove(oldSize)
      const answer = await outbound({
        url: `${url.replace(/\/+$/, '')}/add-checkpoint`,
        method: 'POST',
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body: `old ${oldSize}\n${proof.map((hash) => `${toBase64(hash)}\n`).join('')}\n${text}`,
        limitMs: Math.max(1, until - Date.now()),
        maxBytes: MOST_BYTES,
      })
      if (answer.status === 200) return await readCosignature(answer, { note, key, now })
      if (answer.status !== 409)
        return { failure: REFUSALS.includes(answer.status) ? 'refused' : `status_${answer.status}` }
      const named = readSize(answer)
      if (named === undefined || named === oldSize) return { failure: 'malformed' }
      if (named > size) return { failure: 'ahead' }
      oldSize = named
    }
    return { failure: 'status_409' }
  } catch (error) {
    return { failure: error instanceof OutboundError ? error.name : 'no_proof' }
  }
}

interface Asked {
  readonly note: Note
  readonly key: NoteKey
  /** Unix milliseconds. */
  readonly now: number
}

/** The cosignature in an answer 200. */
async function readCosignature(
  { body }: OutboundAnswer,
  { note, key, now }: Asked,
): Promise<Cosignature | WitnessFailure> {
  const lines = parseNote(`${note.body}\n${decodeText(body) ?? ''}`)
  if (lines === undefined) return { failure: 'malformed' }
  // The lines must belong to this note: with an empty line in the answer, they would belong to a longer text.
  const found = lines.body === note.body ? await findCosignature(lines, key) : undefined
  if (found === undefined) return { failure: 'not_cosigned' }
  const ageMs = now - found.time * 1000
  return ageMs > MOST_BEHIND_MS || ageMs < -MOST_AHEAD_MS ? { failure: 'not_cosigned' } : found
}

/** The size in an answer 409. */
function readSize({ body }: OutboundAnswer): number | undefined {
  const [, digits] = /^(0|[1-9]\d{0,15})\n?$/.exec(decodeText(body) ?? '') ?? []
  const named = Number(digits ?? Number.NaN)
  return Number.isSafeInteger(named) ? named : undefined
}
