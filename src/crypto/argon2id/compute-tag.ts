import type { Cooperative } from '../hash-queue/cooperative.ts'
import { type Blake2b, littleEndian32 } from './blake2b.ts'
import { type Matrix, typeOf, VERSION } from './matrix.ts'
import type { Argon2idInput } from './parameters.ts'

/** One instance of each module. Hashes use it one after the other. */
export interface Argon2idEngine {
  readonly blake2b: Blake2b
  readonly matrix: Matrix
  /** Identifies the hash that uses the memory; it may be paused between two slices. */
  holder?: object | undefined
}

/**
 * Computes Argon2id (RFC 9106 section 3.2) of validated input, in slices. When it is done, the engine holds
 * no part of the input or the result.
 *
 * A paused hash may never resume, and then its `finally` never runs: workerd aborts a request whose client
 * has disconnected. Therefore the next hash takes over the memory and wipes it. If the paused hash does
 * resume, it starts again, this time without a pause.
 */
export function* computeTag(engine: Argon2idEngine, input: Argon2idInput): Cooperative<Uint8Array> {
  for (let mayPause = true; ; mayPause = false) {
    const tag = yield* attempt(engine, input, mayPause)
    if (tag !== undefined) return tag
  }
}

/** @returns undefined if another hash has taken over the memory during a pause */
function* attempt(
  engine: Argon2idEngine,
  input: Argon2idInput,
  mayPause: boolean,
): Cooperative<Uint8Array | undefined> {
  const { blake2b, matrix } = engine
  const self = takeOver(engine)
  try {
    // hash-wasm's kernel XORs into the matrix, so the matrix must be all zeros at the start. New WebAssembly
    // memory and wiped memory both are.
    matrix.reserve(input.memoryKib)
    writeFirstBlocks(blake2b, matrix, input)
    for (let part = 0; part < matrix.countParts(input); part++) {
      if (part > 0 && mayPause) yield
      if (engine.holder !== self) return undefined
      matrix.fillPart(input, part)
    }
    const tag = new Uint8Array(input.tagLength)
    blake2b.expand(matrix.finalBlock(), tag)
    return tag
  } finally {
    if (engine.holder === self) release(engine)
  }
}

function takeOver(engine: Argon2idEngine): object {
  if (engine.holder !== undefined) release(engine)
  engine.holder = {}
  return engine.holder
}

function release(engine: Argon2idEngine): void {
  engine.blake2b.wipe()
  engine.matrix.wipe()
  engine.holder = undefined
}

/** Writes H0, the 64-byte digest of all parameters and inputs, to the start of `seed`. */
function hashInputs(blake2b: Blake2b, input: Argon2idInput, seed: Uint8Array): void {
  const { parallelism, tagLength, memoryKib, iterations, password, salt, secret, associatedData } = input
  const numbers = [parallelism, tagLength, memoryKib, iterations, VERSION, typeOf(input)].map(littleEndian32)
  const texts = [password, salt, secret ?? new Uint8Array(), associatedData ?? new Uint8Array()]
  blake2b.hash([...numbers, ...texts.flatMap((text) => [littleEndian32(text.length), text])], seed)
}

/**
 * Writes the first two blocks of every lane: H' of H0, the block's column and its lane. Then wipes H0 from
 * memory.
 */
function writeFirstBlocks(blake2b: Blake2b, matrix: Matrix, input: Argon2idInput): void {
  const seed = new Uint8Array(72)
  try {
    hashInputs(blake2b, input, seed)
    const laneLength = 4 * Math.floor(input.memoryKib / (4 * input.parallelism))
    for (let lane = 0; lane < input.parallelism; lane++) {
      seed.set(littleEndian32(lane), 68)
      for (const column of [0, 1]) {
        seed.set(littleEndian32(column), 64)
        blake2b.expand(seed, matrix.block(lane * laneLength + column))
      }
    }
  } finally {
    seed.fill(0)
    blake2b.wipe()
  }
}
