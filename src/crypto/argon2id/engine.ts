import { runToEnd } from '../hash-queue/cooperative.ts'
import { instantiateBlake2b } from './blake2b.ts'
import { type Argon2idEngine, computeTag } from './compute-tag.ts'
import { instantiateMatrix } from './matrix.ts'
import { instantiateSimdMatrix } from './simd-matrix.ts'

/** The two compiled modules of hash-wasm that compute Argon2id, and our own faster module for the matrix. */
export interface Argon2idModules {
  readonly argon2: WebAssembly.Module
  readonly blake2b: WebAssembly.Module
  readonly simd?: WebAssembly.Module
}

/**
 * Instantiates BLAKE2b and a matrix with the memory of the smallest hash. The matrix is our own, or
 * hash-wasm's if ours cannot be instantiated or fails the test vector of RFC 9106.
 */
export function instantiateEngine({ argon2, blake2b, simd }: Argon2idModules): Argon2idEngine {
  return simdEngine(blake2b, simd) ?? { blake2b: instantiateBlake2b(blake2b), matrix: instantiateMatrix(argon2) }
}

function simdEngine(blake2b: WebAssembly.Module, simd: WebAssembly.Module | undefined): Argon2idEngine | undefined {
  if (simd === undefined) return undefined
  try {
    const engine = { blake2b: instantiateBlake2b(blake2b), matrix: instantiateSimdMatrix(simd) }
    return passesTestVector(engine) ? engine : undefined
  } catch {
    // The platform has no SIMD or not enough memory.
    return undefined
  }
}

// If our kernel computed a wrong tag, it would be stored, and its owner could not sign in after the kernel is
// corrected. The check takes about 2 ms, once per isolate.
function passesTestVector(engine: Argon2idEngine): boolean {
  const hash = computeTag(engine, {
    password: new Uint8Array(32).fill(1),
    salt: new Uint8Array(16).fill(2),
    secret: new Uint8Array(8).fill(3),
    associatedData: new Uint8Array(12).fill(4),
    memoryKib: 32,
    iterations: 3,
    parallelism: 4,
    tagLength: 32,
  })
  return runToEnd(hash).every((byte, index) => byte === TEST_VECTOR_TAG[index])
}

/** RFC 9106 section 5.3. */
const TEST_VECTOR_TAG = [
  0x0d, 0x64, 0x0d, 0xf5, 0x8d, 0x78, 0x76, 0x6c, 0x08, 0xc0, 0x37, 0xa3, 0x4a, 0x8b, 0x53, 0xc9, 0xd0, 0x1e, 0xf0,
  0x45, 0x2d, 0x75, 0xb6, 0x5e, 0xb5, 0x25, 0x20, 0xe9, 0x6b, 0x01, 0xe6, 0x59,
]
