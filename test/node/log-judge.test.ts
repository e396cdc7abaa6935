import { createPublicKey } from 'node:crypto'
import { verifyCheckpoint } from '@sigstore/verify/dist/tlog/checkpoint.js'
import { verifyMerkleInclusion } from '@sigstore/verify/dist/tlog/merkle.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { formatTreeHead } from '../../src/tlog/checkpoint.ts'
import { entryOf } from '../../src/tlog/entry.ts'
import type { Hash } from '../../src/tlog/merkle.ts'
import {
  cosignBody,
  createNoteSigner,
  formatNote,
  formatNoteKey,
  type NoteSigner,
  signBody,
} from '../../src/tlog/note.ts'
import { proveInclusion } from '../../src/tlog/prove.ts'
import { digestsOf, growLog, randomFrom } from '../support/log-trees.ts'

// The judge is @sigstore/verify, which others wrote for the log of Sigstore. It knows nothing of this
// project.

type Entry = Parameters<typeof verifyCheckpoint>[0]
type Authority = Parameters<typeof verifyCheckpoint>[1][number]

/** `npm run test:deep -- --project log` takes more. */
const PROOFS = Number(process.env.LOG_PROOFS ?? 50)
const ORIGIN = 'id.example/audit'

let log: NoteSigner
let witness: NoteSigner

beforeAll(async () => {
  log = await createNoteSigner(new Uint8Array(32).fill(1), { name: ORIGIN, type: 'log' })
  witness = await createNoteSigner(new Uint8Array(32).fill(2), { name: 'witness.example/w', type: 'witness' })
})

/**
 * The key of the log, as the judge takes it. It knows a key by the four bytes that its signatures begin with.
 */
function authority(signer: NoteSigner): Authority {
  const id = Buffer.from(formatNoteKey(signer).split('+')[1] ?? '', 'hex')
  const x = Buffer.from(signer.publicKey).toString('base64url')
  return {
    logID: Buffer.concat([id, Buffer.alloc(28)]),
    baseURL: `https://${signer.name}`,
    publicKey: createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }),
    validFor: { start: new Date(0), end: new Date(8.64e15) },
  }
}

interface Claim {
  readonly checkpoint: string
  readonly index: number
  readonly digest: Hash
  readonly proof: readonly Hash[]
}

function entryFor({ checkpoint, index, digest, proof }: Claim): Entry {
  const inclusionProof = {
    logIndex: String(index),
    treeSize: '0',
    rootHash: Buffer.alloc(0),
    hashes: proof.map((hash) => Buffer.from(hash)),
    checkpoint: { envelope: checkpoint },
  }
  return {
    logIndex: String(index),
    logId: { keyId: authority(log).logID },
    kindVersion: { kind: '', version: '' },
    integratedTime: '0',
    inclusionPromise: undefined,
    inclusionProof,
    canonicalizedBody: Buffer.from(entryOf(digest)),
  }
}

function judge(claim: Claim): void {
  const entry = entryFor(claim)
  verifyMerkleInclusion(entry, verifyCheckpoint(entry, [authority(log)]))
}

async function signed(size: number, root: Hash): Promise<string> {
  const body = formatTreeHead({ origin: ORIGIN, size, root })
  return formatNote({ body, signatures: [await signBody(body, log), await cosignBody(body, witness, 1_796_083_200)] })
}

const flip = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte))

describe('another verifier', () => {
  it(`K1 accepts ${PROOFS} random proofs, and none that was changed`, async () => {
    const random = randomFrom(23)
    const digests = digestsOf('judged', 5000)
    for (let n = 0; n < PROOFS; n++) {
      const size = 1 + random(n % 5 === 0 ? 5000 : 600)
      const grown = growLog(digests.slice(0, size), [1 + random(300), 1 + random(40)])
      const index = random(size)
      const digest = digests[index] ?? Buffer.alloc(0)
      const proof = await proveInclusion(index, grown)
      const claim = { checkpoint: await signed(size, grown.root), index, digest, proof }
      expect(() => judge(claim)).not.toThrow()
      expect(() => judge({ ...claim, digest: flip(digest, random(32)) })).toThrow('root hash')
      expect(() => judge({ ...claim, proof: [...proof, digest] })).toThrow('hash count')
      for (const [at, hash] of proof.entries()) {
        expect(() => judge({ ...claim, proof: proof.with(at, flip(hash, random(32))) })).toThrow('root hash')
      }
    }
  })

  it('K1 refuses a checkpoint of which one byte was changed', async () => {
    const grown = growLog(digestsOf('noted', 300), [300])
    const checkpoint = await signed(grown.size, grown.root)
    const claim = { index: 0, digest: grown.digests[0] ?? Buffer.alloc(0), proof: await proveInclusion(0, grown) }
    expect(() => judge({ ...claim, checkpoint })).not.toThrow()
    const end = checkpoint.indexOf('\n\n')
    for (let at = 0; at < end; at++) {
      const other = checkpoint[at] === 'B' ? 'C' : 'B'
      const changed = checkpoint.slice(0, at) + other + checkpoint.slice(at + 1)
      expect(() => judge({ ...claim, checkpoint: changed }), `byte ${at}`).toThrow()
    }
    const stranger = await createNoteSigner(new Uint8Array(32).fill(3), { name: ORIGIN, type: 'log' })
    expect(() => verifyCheckpoint(entryFor({ ...claim, checkpoint }), [authority(stranger)])).toThrow('signature')
  })
})
