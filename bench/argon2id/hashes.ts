import { computeTag } from '../../src/crypto/argon2id/compute-tag.ts'
import { type Argon2idModules, instantiateEngine } from '../../src/crypto/argon2id/engine.ts'
import type { Argon2idInput } from '../../src/crypto/argon2id/parameters.ts'
import { runToEnd } from '../../src/crypto/hash-queue/cooperative.ts'

/** One way to fill the matrix of Argon2. */
export type Kernel = 'hash-wasm' | 'simd'

/** The hash of a sign-in at the default cost. */
export const INPUT: Argon2idInput = {
  password: new TextEncoder().encode('correct horse battery staple'),
  salt: new Uint8Array(16).fill(1),
  secret: new Uint8Array(32).fill(2),
  memoryKib: 19_456,
  iterations: 2,
  parallelism: 1,
  tagLength: 32,
}

/**
 * Computes the hash with one instance for each kernel, made at its first hash.
 * @throws Error when the tag is wrong
 */
export function createHashes({ simd, ...hashWasm }: Required<Argon2idModules>) {
  const engines = new Map<Kernel, ReturnType<typeof instantiateEngine>>()
  return (kernel: Kernel): Uint8Array => {
    const engine = engines.get(kernel) ?? instantiateEngine(kernel === 'simd' ? { ...hashWasm, simd } : hashWasm)
    if (engine.matrix.kernel !== kernel) throw new Error(`${kernel} does not run here`)
    engines.set(kernel, engine)
    return runToEnd(computeTag(engine, INPUT))
  }
}
