import { createHash } from 'node:crypto'

/** SHA-256: `HASH_BYTES`. */
export type Hash = Uint8Array

export const HASH_BYTES = 32

/**
 * A complete subtree: its 2^level leaves begin at leaf `index * 2^level`. Sizes and positions are numbers up
 * to 2^53, so no operator of 32 bits may be used on them.
 */
export interface Subtree {
  readonly level: number
  readonly index: number
}

/** Leaves from `from` to before `to`. */
interface Range {
  readonly from: number
  readonly to: number
}

const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

/** The hash of a leaf (RFC 6962, section 2.1). */
export const leafHash = (entry: Uint8Array): Hash => createHash('sha256').update(LEAF).update(entry).digest()

/** The hash of two neighbouring subtrees (RFC 6962, section 2.1). */
export const nodeHash = (left: Hash, right: Hash): Hash =>
  createHash('sha256').update(NODE).update(left).update(right).digest()

/** The root of the empty tree. */
export const emptyRoot = (): Hash => createHash('sha256').digest()

/** The largest power of two that is less than `size`. @param size at least 2 */
export function splitOf(size: number): number {
  let power = 1
  while (power * 2 < size) power *= 2
  return power
}

/**
 * The complete subtrees of leaves `from` to before `to`, from left to right, each smaller than the one
 * before.
 */
export function subtreesOf({ from, to }: Range): Subtree[] {
  const subtrees: Subtree[] = []
  let start = from
  while (start < to) {
    let level = 0
    let size = 1
    while (size * 2 <= to - start) {
      size *= 2
      level++
    }
    subtrees.push({ level, index: start / size })
    start += size
  }
  return subtrees
}

/** The root over neighbouring subtrees, each smaller than the one before. @param hashes at least one */
export function joinHashes(hashes: readonly Hash[]): Hash {
  const [last = emptyRoot(), ...others] = hashes.toReversed()
  return others.reduce((right, left) => nodeHash(left, right), last)
}

/** The ranges whose hashes prove that leaf `index` is in a tree (RFC 6962, section 2.1.1). */
export function inclusionRanges(index: number, size: number): Range[] {
  return walk({ from: 0, to: size })

  function walk({ from, to }: Range): Range[] {
    if (to - from <= 1) return []
    const middle = from + splitOf(to - from)
    const [left, right] = [
      { from, to: middle },
      { from: middle, to },
    ]
    return index < middle ? [...walk(left), right] : [...walk(right), left]
  }
}

/**
 * The ranges whose hashes prove that a tree of `oldSize` leaves is the beginning of one of `size` leaves (RFC
 * 6962, section 2.1.2).
 * @param oldSize at least 1
 */
export function consistencyRanges(oldSize: number, size: number): Range[] {
  return walk({ from: 0, to: size }, true)

  function walk({ from, to }: Range, isWhole: boolean): Range[] {
    if (to === oldSize) return isWhole ? [] : [{ from, to }]
    const middle = from + splitOf(to - from)
    const [left, right] = [
      { from, to: middle },
      { from: middle, to },
    ]
    return oldSize <= middle ? [...walk(left, isWhole), right] : [...walk(right, false), left]
  }
}

/**
 * The root of a tree of `size` leaves that a proof of inclusion leads to.
 * @returns undefined if the proof is too short or too long, or the index is not in the tree
 */
export function rootOfInclusion(
  leaf: Hash,
  { index, size, proof }: { readonly index: number; readonly size: number; readonly proof: readonly Hash[] },
): Hash | undefined {
  if (index < 0 || index >= size || proof.length !== inclusionRanges(index, size).length) return undefined
  return rise(index, size, proof.length)

  function rise(at: number, width: number, used: number): Hash {
    if (width <= 1) return leaf
    const half = splitOf(width)
    const sibling = proof[used - 1] ?? leaf
    return at < half
      ? nodeHash(rise(at, half, used - 1), sibling)
      : nodeHash(sibling, rise(at - half, width - half, used - 1))
  }
}

/** A claim that one tree is the beginning of another. */
export interface Consistency {
  readonly oldSize: number
  readonly oldRoot: Hash
  readonly size: number
  readonly root: Hash
  readonly proof: readonly Hash[]
}

/** Whether a proof shows that a tree is the beginning of another. The empty tree begins every tree. */
export function isConsistent({ oldSize, oldRoot, size, root, proof }: Consistency): boolean {
  if (oldSize === 0) return proof.length === 0 && isSameHash(oldRoot, emptyRoot())
  if (oldSize > size || proof.length !== consistencyRanges(oldSize, size).length) return false
  const roots = rise(0, size, proof.length)
  return isSameHash(roots.old, oldRoot) && isSameHash(roots.new, root)

  /** The roots of the part of this subtree that is in the old tree, and of all of it. */
  function rise(from: number, to: number, used: number): { readonly old: Hash; readonly new: Hash } {
    if (to === oldSize) {
      const known = from === 0 ? oldRoot : (proof[used - 1] ?? root)
      return { old: known, new: known }
    }
    const middle = from + splitOf(to - from)
    const sibling = proof[used - 1] ?? root
    if (oldSize <= middle) {
      const left = rise(from, middle, used - 1)
      return { old: left.old, new: nodeHash(left.new, sibling) }
    }
    const right = rise(middle, to, used - 1)
    return { old: nodeHash(sibling, right.old), new: nodeHash(sibling, right.new) }
  }
}

/** Whether two hashes are equal. Hashes of a public log are no secrets. */
export const isSameHash = (one: Hash, other: Hash): boolean =>
  one.length === other.length && one.every((byte, i) => byte === other[i])
