import { BLOCK_BYTES, type Matrix } from './matrix.ts'
import type { Argon2idCost } from './parameters.ts'
import { exportedFunction, exportedMemory } from './wasm-exports.ts'

const PAGE_BYTES = 64 * 1024
/** RFC 9106 section 3.2. The part of a slice that belongs to one lane is a segment. */
const SLICES_IN_A_PASS = 4
/**
 * This many blocks take about 1.2 ms, which is not less than the shortest pause. With the default cost a
 * segment has 4,864 blocks.
 */
const BLOCKS_IN_A_PART = 2560

/**
 * Instantiates our own module (kernel/fill.ts), once per isolate. Its memory grows to the largest hash and is
 * not released.
 * @throws Error when the platform does not support the module
 */
export function instantiateSimdMatrix(module: WebAssembly.Module): Matrix {
  const instance = new WebAssembly.Instance(module)
  const memory = exportedMemory(instance)
  const begin = exportedFunction(instance, 'begin')
  const fillColumns = exportedFunction(instance, 'fillColumns')
  const joinLanes = exportedFunction(instance, 'joinLanes')
  const offset = exportedFunction(instance, 'matrix')()
  // The memory below the matrix holds the working blocks of the compression function.
  const pristine = new Uint8Array(memory.buffer, 0, offset).slice()
  let usedBytes = 0

  return {
    kernel: 'simd',
    memory,
    offset,
    reserve(memoryKib) {
      usedBytes = memoryKib * BLOCK_BYTES
      const missingBytes = offset + usedBytes - memory.buffer.byteLength
      if (missingBytes > 0) memory.grow(Math.ceil(missingBytes / PAGE_BYTES))
    },
    block: (index) => new Uint8Array(memory.buffer, offset + index * BLOCK_BYTES, BLOCK_BYTES),
    countParts: (cost) => SLICES_IN_A_PASS * cost.iterations * partsOfSlice(cost).count,
    fillPart(cost, index) {
      if (index === 0) begin(cost.memoryKib, cost.iterations, cost.parallelism)
      const { count, columns, length } = partsOfSlice(cost)
      const slice = Math.floor(index / count)
      const from = (index % count) * columns
      fillColumns(
        Math.floor(slice / SLICES_IN_A_PASS),
        slice % SLICES_IN_A_PASS,
        from,
        Math.min(from + columns, length),
      )
    },
    finalBlock: () => new Uint8Array(memory.buffer, joinLanes(), BLOCK_BYTES),
    wipe() {
      // If the memory did not grow, it is smaller than `usedBytes`; `fill` stops at its end.
      new Uint8Array(memory.buffer, offset).fill(0, 0, usedBytes)
      new Uint8Array(memory.buffer).set(pristine)
      usedBytes = 0
    },
  }
}

/**
 * Divides a slice into `count` parts of `columns` columns each. The last part may be shorter: it ends at
 * `length`, the end of the segments.
 */
function partsOfSlice({ memoryKib, parallelism }: Argon2idCost) {
  const length = Math.floor(memoryKib / (SLICES_IN_A_PASS * parallelism))
  const columns = Math.max(1, Math.floor(BLOCKS_IN_A_PART / parallelism))
  return { count: Math.ceil(length / columns), columns, length }
}
