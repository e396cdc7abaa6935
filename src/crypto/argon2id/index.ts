import argon2 from './argon2.wasm'
import blake2b from './blake2b.wasm'
import { type Argon2id, createArgon2id } from './driver.ts'
import { MAX_MEMORY_KIB } from './parameters.ts'
import simd from './simd.wasm'

/**
 * Argon2id for the Worker, with the bundled modules, in slices, at most 64 MiB for each hash.
 * @throws RangeError
 */
export const argon2id: Argon2id = createArgon2id({ argon2, blake2b, simd }, MAX_MEMORY_KIB)
