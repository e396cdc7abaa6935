import { type Blake2b, littleEndian32 } from './blake2b.ts'
import { type Matrix, typeOf, VERSION } from './matrix.ts'
import type { Argon2idInput } from './parameters.ts'

/** One instance of each module: enough for any number of hashes, one after the other. */
export interface Argon2idEngine {
  readonly blake2b: Blake2b
  readonly matrix: Matrix
}

/** Argon2id (RFC 9106 section 3.2) of validated input; nothing of the input or the result stays in the engine.
 *
 * hash-wasm's kernel XORs into the matrix, so it must start as zeros. It is zeroed once per hash, afterwards: new
 * WebAssembly memory is zero, every hash ends in `finally`, and nothing can run in between, because nothing here
 * awaits. */
export function computeTag({ blake2b, matrix }: Argon2idEngine, input: Argon2idInput): Uint8Array {
  const seed = new Uint8Array(72)
  try {
    matrix.reserve(input.memoryKib)
    hashInputs(blake2b, input, seed)
    writeFirstBlocks(blake2b, matrix, input, seed)
    const tag = new Uint8Array(input.tagLength)
    blake2b.expand(matrix.fill(input), tag)
    return tag
  } finally {
    seed.fill(0)
    blake2b.wipe()
    matrix.wipe()
  }
}

/** H0, the 64-byte digest of every parameter and input, to the start of `seed`. */
function hashInputs(blake2b: Blake2b, input: Argon2idInput, seed: Uint8Array): void {
  const { parallelism, tagLength, memoryKib, iterations, password, salt, secret, associatedData } = input
  const numbers = [parallelism, tagLength, memoryKib, iterations, VERSION, typeOf(input)].map(littleEndian32)
  const texts = [password, salt, secret ?? new Uint8Array(), associatedData ?? new Uint8Array()]
  blake2b.hash([...numbers, ...texts.flatMap((text) => [littleEndian32(text.length), text])], seed)
}

/** The first two blocks of every lane: H' of H0, the block's column and its lane. */
function writeFirstBlocks(blake2b: Blake2b, matrix: Matrix, input: Argon2idInput, seed: Uint8Array): void {
  const laneLength = 4 * Math.floor(input.memoryKib / (4 * input.parallelism))
  for (let lane = 0; lane < input.parallelism; lane++) {
    seed.set(littleEndian32(lane), 68)
    for (const column of [0, 1]) {
      seed.set(littleEndian32(column), 64)
      blake2b.expand(seed, matrix.block(lane * laneLength + column))
    }
  }
}
