import type { Archive } from '../../../core/ports.ts'
import { type Edge, rootOfEdge } from '../../../tlog/edge.ts'
import { type Hash, isConsistent } from '../../../tlog/merkle.ts'
import { proveConsistency, readRoot } from '../../../tlog/prove.ts'
import { tilesOf } from '../tree/read-tiles.ts'

/** Proves that the tree of so many leaves is the beginning of the candidate. */
export type ProveGrowth = (oldSize: number) => Promise<readonly Hash[]>

/** A tile of the archive is lost, or an attacker has put another one in its place. */
class TileError extends Error {
  override readonly name = 'TileError'
}

/**
 * Makes proofs for the witnesses, one for each size. A proof is checked before it is sent: a witness that
 * gets a wrong one must take the log for a fork.
 * @returns a function that throws TileError, TimeLimitError
 */
export function createProver(archive: Pick<Archive, 'readBytes'>, edge: Edge): ProveGrowth {
  const [readTile, root] = [tilesOf(archive, edge), rootOfEdge(edge)]
  const proofs = new Map<number, Promise<readonly Hash[]>>()

  async function prove(oldSize: number): Promise<readonly Hash[]> {
    // The empty tree needs no proof, and a tree needs none for itself.
    if (oldSize === 0 || oldSize === edge.size) return []
    const [proof, oldRoot] = await Promise.all([
      proveConsistency(oldSize, { size: edge.size, readTile }),
      readRoot({ size: oldSize, readTile }),
    ]).catch((error: unknown) => {
      throw error instanceof RangeError ? new TileError() : error
    })
    if (!isConsistent({ oldSize, oldRoot, size: edge.size, root, proof })) throw new TileError()
    return proof
  }

  return (oldSize) => {
    const proof = proofs.get(oldSize) ?? prove(oldSize)
    proofs.set(oldSize, proof)
    return proof
  }
}
