import type { Cooperative } from '../hash-queue/cooperative.ts'
import { type Argon2idEngine, computeTag } from './compute-tag.ts'
import { type Argon2idModules, instantiateEngine } from './engine.ts'
import { type Argon2idInput, checkArgon2idInput, checkMaxMemory } from './parameters.ts'

/**
 * Computes an Argon2id tag of `tagLength` bytes, in slices.
 * @throws RangeError for parameters out of bounds
 */
export type Argon2id = (input: Argon2idInput) => Cooperative<Uint8Array>

/**
 * Creates an Argon2id function. All hashes share one pair of WebAssembly instances, created at the first
 * hash: an instance per hash would take tens of megabytes for each concurrent request. Hashes above
 * `maxMemoryKib` KiB are refused.
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
      // After a trap the module's stack pointer is undefined, so the instances cannot be used again.
      engine = undefined
      throw error
    }
  }
}

/**
 * For the variants that only imported hashes use. Our own kernel computes only Argon2id. An engine with
 * hash-wasm's kernel that was kept would hold its memory permanently in addition to ours, so a new one is
 * created for each hash.
 */
const otherEngine = ({ argon2, blake2b }: Argon2idModules): Argon2idEngine => instantiateEngine({ argon2, blake2b })
