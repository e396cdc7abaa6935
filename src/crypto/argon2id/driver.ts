import type { Cooperative } from '../hash-queue/cooperative.ts'
import { type Argon2idEngine, computeTag } from './compute-tag.ts'
import { type Argon2idModules, instantiateEngine } from './engine.ts'
import { type Argon2idInput, checkArgon2idInput, checkMaxMemory } from './parameters.ts'

/**
 * Computes an Argon2id tag of `tagLength` bytes, in slices.
 * @throws RangeError on parameters out of bounds.
 */
export type Argon2id = (input: Argon2idInput) => Cooperative<Uint8Array>

/**
 * Makes Argon2id over one pair of instances, created at the first hash and used by all: an instance per hash
 * would hold tens of megabytes for each concurrent request. Refuses hashes above `maxMemoryKib` KiB.
 */
export function createArgon2id(modules: Argon2idModules, maxMemoryKib: number): Argon2id {
  checkMaxMemory(maxMemoryKib)
  let engine: Argon2idEngine | undefined
  return function* (input) {
    checkArgon2idInput(input, maxMemoryKib)
    if (input.variant !== undefined && input.variant !== 'id') return yield* computeTag(otherEngine(modules), input)
    engine ??= instantiateEngine(modules)
    try {
      return yield* computeTag(engine, input)
    } catch (error) {
      // A trap leaves the module's stack pointer wherever it was.
      engine = undefined
      throw error
    }
  }
}

/**
 * For the variants that only imported hashes have: our own matrix knows Argon2id alone, and hash-wasm's would
 * hold its memory beside it for good, so this one is let go after a hash.
 */
const otherEngine = ({ argon2, blake2b }: Argon2idModules): Argon2idEngine => instantiateEngine({ argon2, blake2b })
