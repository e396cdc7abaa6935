import { formatTreeHead } from '../../src/tlog/checkpoint.ts'
import { emptyRoot, type Hash, leafHash, nodeHash, splitOf } from '../../src/tlog/merkle.ts'
import { createNoteSigner, formatNote, formatNoteKey, signBody, toBase64 } from '../../src/tlog/note.ts'

const MOST_LEAVES = 300

interface Options {
  readonly origin: string
  /** The first byte of every leaf. Logs with different bytes have nothing in common. */
  readonly content?: number
  /** Each log key is made of one byte. */
  readonly key?: number
}

/**
 * A log of a few leaves with the definitions of RFC 6962, word for word: not with the code that is tested.
 */
export async function createSmallLog({ origin, content = 0, key = 1 }: Options) {
  const signer = await createNoteSigner(new Uint8Array(32).fill(key), { name: origin, type: 'log' })
  const leaves = Array.from({ length: MOST_LEAVES }, (_, i) => leafHash(Uint8Array.of(content, i >> 8, i)))
  const rootOf = (size: number): Hash => mth(leaves.slice(0, size))
  const proofOf = (oldSize: number, size: number): Hash[] =>
    oldSize === 0 ? [] : subproof(oldSize, leaves.slice(0, size), true)

  async function noteOf(size: number, { root = rootOf(size), name = origin } = {}): Promise<string> {
    const body = formatTreeHead({ origin: name, size, root })
    return formatNote({ body, signatures: [await signBody(body, signer)] })
  }

  /** The body of a request to a witness. */
  async function submissionOf(oldSize: number, size: number): Promise<string> {
    return submission(oldSize, proofOf(oldSize, size), await noteOf(size))
  }

  return { origin, signer, vkey: formatNoteKey(signer), rootOf, proofOf, noteOf, submissionOf }
}

/** The body of `POST /add-checkpoint`. */
export const submission = (oldSize: number | string, proof: readonly Hash[], note: string): string =>
  `old ${oldSize}\n${proof.map((hash) => `${toBase64(hash)}\n`).join('')}\n${note}`

function mth(leaves: readonly Hash[]): Hash {
  const [first] = leaves
  if (first === undefined) return emptyRoot()
  if (leaves.length === 1) return first
  const k = splitOf(leaves.length)
  return nodeHash(mth(leaves.slice(0, k)), mth(leaves.slice(k)))
}

/** SUBPROOF of RFC 6962, section 2.1.2. */
function subproof(m: number, leaves: readonly Hash[], isComplete: boolean): Hash[] {
  if (m === leaves.length) return isComplete ? [] : [mth(leaves)]
  const k = splitOf(leaves.length)
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)]
  return m <= k ? [...subproof(m, left, isComplete), mth(right)] : [...subproof(m - k, right, false), mth(left)]
}
