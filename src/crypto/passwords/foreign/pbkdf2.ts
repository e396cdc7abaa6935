import { hmac } from '@noble/hashes/hmac.js'
import type { CHash, Hash } from '@noble/hashes/utils.js'
import type { Cooperative } from '../../hash-queue/cooperative.ts'

interface Pbkdf2Input {
  readonly password: Uint8Array
  readonly salt: Uint8Array
  /** At least 1. */
  readonly iterations: number
  /** Length of the result in bytes. */
  readonly length: number
}

/** About a millisecond with SHA-256. */
const ROUNDS_OF_A_SLICE = 500

/**
 * PBKDF2 (RFC 8018 section 5.2) with HMAC, in slices. A million rounds occupy the processor for seconds, and
 * other requests must run in between. The platform's own function is faster, but refuses more than 100,000
 * rounds in production.
 */
export function* pbkdf2InSlices<Digest extends Hash<Digest>>(
  digest: CHash<Digest>,
  { password, salt, iterations, length }: Pbkdf2Input,
): Cooperative<Uint8Array> {
  const { iHash: inner, oHash: outer, outputLen } = hmac.create(digest, password)
  // One hash state is reused for every round. A new object for each of a million rounds would burden the
  // garbage collector.
  const work = inner._cloneInto()
  const result = new Uint8Array(length)
  const round = new Uint8Array(outputLen)
  let left = ROUNDS_OF_A_SLICE
  for (let block = 0; block * outputLen < length; block++) {
    const sum = result.subarray(block * outputLen, (block + 1) * outputLen)
    inner
      ._cloneInto(work)
      .update(salt)
      .update(bigEndian(block + 1))
      .digestInto(round)
    outer._cloneInto(work).update(round).digestInto(round)
    sum.set(round.subarray(0, sum.length))
    for (let done = 1; done < iterations; done++) {
      if (--left === 0) {
        left = ROUNDS_OF_A_SLICE
        yield
      }
      inner._cloneInto(work).update(round).digestInto(round)
      outer._cloneInto(work).update(round).digestInto(round)
      for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) ^ (round[i] ?? 0)
    }
  }
  return result
}

function bigEndian(number: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, number)
  return bytes
}
