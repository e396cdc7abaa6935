import type { Argon2idInput } from '../../src/crypto/argon2id/parameters.ts'

/** RFC 9106 section 5.3, with the tag in hexadecimal. */
export const RFC_9106_VECTOR = {
  input: {
    password: new Uint8Array(32).fill(1),
    salt: new Uint8Array(16).fill(2),
    secret: new Uint8Array(8).fill(3),
    associatedData: new Uint8Array(12).fill(4),
    memoryKib: 32,
    iterations: 3,
    parallelism: 4,
    tagLength: 32,
  },
  tag: '0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659',
} as const

/**
 * The same 240 inputs on every machine. `argon2id-tags.json` holds their tags in this order. The last 40 have
 * associated data, which hash-wasm does not support. Memory varies between 8 and 1,024 KiB from one input to
 * the next.
 */
export const CASES: readonly Argon2idInput[] = generateCases()

function generateCases(): Argon2idInput[] {
  const below = seededNumbers(0x9106)
  const bytes = (length: number) => Uint8Array.from({ length }, () => below(256))
  return Array.from({ length: 240 }, (_, index) => {
    const parallelism = 1 + below(4)
    const memoryKib = 8 * parallelism + below(1025 - 8 * parallelism)
    return {
      password: bytes(passwordLength(index, below)),
      salt: bytes(8 + below(57)),
      ...(index % 3 !== 0 && { secret: bytes(below(65)) }),
      ...(index >= 200 && { associatedData: bytes(below(200)) }),
      memoryKib: index % 10 === 0 ? 8 * parallelism : memoryKib,
      iterations: 1 + below(4),
      parallelism,
      tagLength: 4 + below(125),
    }
  })
}

// Mostly the lengths of typical passwords. Sometimes lengths around BLAKE2b's 128-byte block and the module's
// 16 KiB buffer.
function passwordLength(index: number, below: (limit: number) => number): number {
  if (index % 8 === 0) return 1 + below(3)
  if (index % 8 === 1) return 100 + below(60)
  if (index % 40 === 2) return 16_383 + below(3)
  if (index % 40 === 3) return 32_768 + below(2000)
  return 1 + below(90)
}

// Mulberry32, because Math.random accepts no seed.
function seededNumbers(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit)
  }
}
