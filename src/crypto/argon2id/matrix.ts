import type { Argon2idCost, Argon2Variant } from './parameters.ts'
import { exportedFunction, exportedMemory } from './wasm-exports.ts'

/** Bytes in one block of Argon2's matrix. */
export const BLOCK_BYTES = 1024

/** Argon2 version 1.3, the only one in RFC 9106. */
export const VERSION = 0x13
/** The type numbers of RFC 9106 section 3.1. */
const TYPES: Readonly<Record<Argon2Variant, number>> = { d: 0, i: 1, id: 2 }

export const typeOf = ({ variant = 'id' }: { readonly variant?: Argon2Variant }): number => TYPES[variant]

/**
 * Argon2's matrix of 1 KiB blocks, lane after lane, on one WebAssembly instance. It holds secrets until
 * `wipe`.
 */
export interface Matrix {
  /** The module that computes the matrix. */
  readonly kernel: 'hash-wasm' | 'simd'
  readonly memory: WebAssembly.Memory
  /** Byte offset of the first block. The module's own variables and stack are below it. */
  readonly offset: number
  /**
   * Allocates `memoryKib` blocks, all zero.
   * @throws RangeError when the platform provides no more memory
   */
  reserve(memoryKib: number): void
  /** Returns a view of one block, valid until the next `reserve`. */
  block(index: number): Uint8Array
  /** Returns the number of parts into which the passes over the matrix are divided. */
  countParts(cost: Argon2idCost): number
  /** Computes one part; all parts before it must be done (RFC 9106 section 3.2, steps 5 and 6). */
  fillPart(cost: Argon2idCost & { readonly variant?: Argon2Variant }, index: number): void
  /** Returns a view of the final block; every part must be done (step 7). */
  finalBlock(): Uint8Array
  /** Zeroes every block used since the last `wipe` and restores the rest of the memory. */
  wipe(): void
}

/**
 * Instantiates hash-wasm's `argon2` module, once per isolate. Its memory grows to the largest hash and is not
 * released.
 * @throws RangeError when the platform provides no memory
 */
export function instantiateMatrix(module: WebAssembly.Module): Matrix {
  const instance = new WebAssembly.Instance(module)
  const memory = exportedMemory(instance)
  const run = exportedFunction(instance, 'Hash_Calculate')
  const setMemorySize = exportedFunction(instance, 'Hash_SetMemorySize')
  // The first call also determines where the matrix starts: at the current end of the memory, which grows
  // from there.
  const offset = exportedFunction(instance, 'Hash_GetBuffer')()
  if (offset === 0) throw new RangeError('no memory for Argon2id')
  let pristine = new Uint8Array(memory.buffer, 0, offset).slice()
  let usedBytes = 0

  const block = (index: number) => new Uint8Array(memory.buffer, offset + index * BLOCK_BYTES, BLOCK_BYTES)

  function reserve(memoryKib: number): void {
    // The module reads its parameters from one more block, after the matrix.
    const neededBytes = (memoryKib + 1) * BLOCK_BYTES
    // A request for less memory than the module has would make its subtraction wrap around and fail.
    if (neededBytes > memory.buffer.byteLength - offset) {
      if (setMemorySize(neededBytes) !== 0) throw new RangeError(`no memory for ${memoryKib} KiB of Argon2id`)
      pristine = new Uint8Array(memory.buffer, 0, offset).slice()
    }
    usedBytes = neededBytes
  }

  const fillPart: Matrix['fillPart'] = (input) => {
    const { memoryKib, iterations, parallelism, tagLength } = input
    const header = block(memoryKib)
    new Uint32Array(header.buffer, header.byteOffset, 6).set([
      parallelism,
      tagLength,
      memoryKib,
      iterations,
      VERSION,
      typeOf(input),
    ])
    run(0, memoryKib)
  }

  function wipe(): void {
    new Uint8Array(memory.buffer, offset, usedBytes).fill(0)
    new Uint8Array(memory.buffer).set(pristine)
    usedBytes = 0
  }

  return {
    kernel: 'hash-wasm',
    memory,
    offset,
    reserve,
    block,
    wipe,
    // The module runs every pass in one call.
    countParts: () => 1,
    fillPart,
    finalBlock: () => block(0),
  }
}
