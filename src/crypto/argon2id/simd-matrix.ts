import { BLOCK_BYTES, type Matrix } from './matrix.ts'
import { exportedFunction, exportedMemory } from './wasm-exports.ts'

const PAGE_BYTES = 64 * 1024
const SLICES_IN_A_PASS = 4

/** Instantiates our own module (kernel/fill.ts), once per isolate: its memory grows to the largest hash and stays there.
 * @throws Error when the platform does not take it. */
export function instantiateSimdMatrix(module: WebAssembly.Module): Matrix {
  const instance = new WebAssembly.Instance(module)
  const memory = exportedMemory(instance)
  const begin = exportedFunction(instance, 'begin')
  const fillSlice = exportedFunction(instance, 'fillSlice')
  const joinLanes = exportedFunction(instance, 'joinLanes')
  const offset = exportedFunction(instance, 'matrix')()
  // Below the matrix are the blocks that compression works on.
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
    countSlices: ({ iterations }) => SLICES_IN_A_PASS * iterations,
    fillSlice({ memoryKib, iterations, parallelism }, index) {
      if (index === 0) begin(memoryKib, iterations, parallelism)
      fillSlice(Math.floor(index / SLICES_IN_A_PASS), index % SLICES_IN_A_PASS)
    },
    finalBlock: () => new Uint8Array(memory.buffer, joinLanes(), BLOCK_BYTES),
    wipe() {
      // Where the memory did not grow, less is there than was asked for.
      new Uint8Array(memory.buffer, offset).fill(0, 0, usedBytes)
      new Uint8Array(memory.buffer).set(pristine)
      usedBytes = 0
    },
  }
}
