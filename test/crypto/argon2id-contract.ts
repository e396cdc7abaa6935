import { beforeAll, describe, expect, it } from 'vitest'
import { type Argon2idEngine, computeTag as computeInSlices } from '../../src/crypto/argon2id/compute-tag.ts'
import { createArgon2id } from '../../src/crypto/argon2id/driver.ts'
import { type Argon2idModules, instantiateEngine } from '../../src/crypto/argon2id/engine.ts'
import type { Matrix } from '../../src/crypto/argon2id/matrix.ts'
import { type Argon2idInput, MAX_MEMORY_KIB } from '../../src/crypto/argon2id/parameters.ts'
import { runToEnd } from '../../src/crypto/hash-queue/cooperative.ts'
import { CASES, RFC_9106_VECTOR } from './argon2id-cases.ts'
import tags from './argon2id-tags.json' with { type: 'json' }

const DEFAULT_COST = { memoryKib: 19_456, iterations: 2, parallelism: 1, tagLength: 32 }

/**
 * Costs whose slices have one part, one part and a short second one, or several parts, with one lane and with
 * many lanes. With many lanes a part can begin in the middle of a block of 128 addresses.
 */
const COSTS_IN_PARTS = [
  ...[10_236, 10_240, 10_244, 19_456, 31_000].map((memoryKib) => ({ memoryKib, parallelism: 1 })),
  ...[10_224, 10_236, 10_248, 33_333].map((memoryKib) => ({ memoryKib, parallelism: 3 })),
  ...[10_240, 10_304, 65_536].map((memoryKib) => ({ memoryKib, parallelism: 16 })),
  ...[20_000, 65_536].map((memoryKib) => ({ memoryKib, parallelism: 1000 })),
  // Each part is one column.
  { memoryKib: 32_768, parallelism: 3000 },
]

/**
 * Tests of Argon2id for every platform and kernel. Node and workerd each call this with their own way of
 * compiling modules.
 */
export function describeArgon2id(kernel: Matrix['kernel'], compile: () => Argon2idModules): void {
  let modules: Argon2idModules
  let argon2id: (input: Argon2idInput) => Uint8Array
  beforeAll(() => {
    modules = compile()
    const inSlices = createArgon2id(modules, MAX_MEMORY_KIB)
    argon2id = (input) => runToEnd(inSlices(input))
  })

  it(`uses the kernel ${kernel}`, () => {
    expect(instantiateEngine(modules).matrix.kernel).toBe(kernel)
  })

  describe('the tag', () => {
    it('equals RFC 9106 section 5.3', () => {
      expect(hex(argon2id(RFC_9106_VECTOR.input))).toBe(RFC_9106_VECTOR.tag)
    })

    it('equals the expected tag for 240 random inputs on one instance', () => {
      expect(CASES.map((input) => hex(argon2id(input)))).toEqual(tags)
    })

    // There is a second kernel to compare with only for our own.
    if (kernel === 'simd')
      it.each(COSTS_IN_PARTS)('of $memoryKib KiB in $parallelism lanes equals the tag of hash-wasm', (cost) => {
        const input = { ...RFC_9106_VECTOR.input, ...cost, iterations: 2 }
        const { argon2, blake2b } = modules
        expect(hex(argon2id(input))).toBe(hex(computeTag(instantiateEngine({ argon2, blake2b }), input)))
      })

    it('is the same after a larger hash, after a smaller one, and from a new instance', () => {
      const big = { ...RFC_9106_VECTOR.input, ...DEFAULT_COST }
      const small = RFC_9106_VECTOR.input
      const fresh = [big, small].map((input) => hex(runToEnd(createArgon2id(modules, MAX_MEMORY_KIB)(input))))
      expect([big, small, big, small].map((input) => hex(argon2id(input)))).toEqual([...fresh, ...fresh])
    })

    it('is not changed by a later hash', () => {
      const tag = argon2id(RFC_9106_VECTOR.input)
      argon2id({ ...RFC_9106_VECTOR.input, iterations: 1 })
      expect(hex(tag)).toBe(RFC_9106_VECTOR.tag)
    })

    it('depends on every byte of secret and associated data', () => {
      const { input } = RFC_9106_VECTOR
      const { secret: _secret, ...unkeyed } = input
      const variants = [input, unkeyed, { ...input, secret: input.associatedData, associatedData: input.secret }]
      expect(new Set(variants.map((variant) => hex(argon2id(variant)))).size).toBe(3)
    })
  })

  describe('the memory of both instances', () => {
    it('has its initial bytes again after a hash, and zeros in the matrix', () => {
      const engine = instantiateEngine(modules)
      const initial = snapshots(engine)
      // Not the test vector that a new engine computes at its start: its traces would be in both snapshots.
      computeTag(engine, { ...RFC_9106_VECTOR.input, salt: new Uint8Array(16).fill(5) })
      expect(sameBytes(snapshots(engine), initial)).toBe(true)
    })

    it('holds only zeros in the matrix after it grew', () => {
      const engine = instantiateEngine(modules)
      computeTag(engine, { ...RFC_9106_VECTOR.input, ...DEFAULT_COST })
      expect(engine.matrix.memory.buffer.byteLength).toBeGreaterThan(DEFAULT_COST.memoryKib * 1024)
      expect(firstNonZero(matrixBytes(engine))).toBe(-1)
    })

    it('holds no password, salt, secret or tag after hashes of many sizes', () => {
      const engine = instantiateEngine(modules)
      for (const input of CASES.slice(0, 40)) {
        const tag = computeTag(engine, input)
        const needles = [input.password, input.salt, input.secret, tag].filter((text) => text && text.length >= 8)
        expect(needles.filter((needle) => needle && holds(engine, needle))).toEqual([])
      }
    })

    it('is wiped when a hash throws half-way', () => {
      const engine = instantiateEngine(modules)
      const initial = snapshots(engine)
      const { password, secret } = RFC_9106_VECTOR.input
      const seen: boolean[] = []
      const input = {
        ...RFC_9106_VECTOR.input,
        associatedData: throwingBytes(() => seen.push(holds(engine, password), holds(engine, secret))),
      }
      expect(() => computeTag(engine, input)).toThrow('half-way')
      expect(seen).toEqual([true, true])
      expect(sameBytes(snapshots(engine), initial)).toBe(true)
    })
  })

  describe('a hash that pauses between its slices', () => {
    const { input } = RFC_9106_VECTOR
    const other = { ...input, salt: new Uint8Array(16).fill(5) }

    it.each([
      { name: 'a quarter of a pass over little memory', cost: input, parts: 4 * input.iterations },
      {
        name: 'an eighth at the default cost',
        cost: { ...input, ...DEFAULT_COST },
        parts: 8 * DEFAULT_COST.iterations,
      },
    ])('pauses after $name on our own kernel, and never on that of hash-wasm', ({ cost, parts }) => {
      const pauses = [...computeInSlices(instantiateEngine(modules), cost)].length
      expect(pauses).toBe(kernel === 'simd' ? parts - 1 : 0)
    })

    it('leaves neither password nor secret in the memory during a pause', () => {
      const engine = instantiateEngine(modules)
      computeInSlices(engine, input).next()
      expect([input.password, input.secret].filter((needle) => holds(engine, needle))).toEqual([])
    })

    it.each([32, 12_000])(
      'is never mixed with another of %i KiB: two hashes whose slices alternate have the right tags',
      (memoryKib) => {
        const engine = instantiateEngine(modules)
        const both = [input, other].map((each) => ({ ...each, memoryKib }))
        const expected = both.map((each) => hex(computeTag(engine, each)))
        const waiting = both.map((each) => computeInSlices(engine, each))
        const tags: string[] = []
        while (tags.length < 2) {
          for (const [index, hash] of waiting.entries()) {
            const slice = hash.next()
            if (slice.done && slice.value) tags[index] = hex(slice.value)
          }
        }
        expect(tags).toEqual(expected)
      },
    )

    it.each([64, 12_000])('of %i KiB and never resumes leaves the next hash its memory, wiped', (memoryKib) => {
      const engine = instantiateEngine(modules)
      const bigger = { ...input, memoryKib }
      const [, expected = ''] = [bigger, other].map((each) => hex(computeTag(engine, each)))
      const initial = snapshots(engine)
      const abandoned = computeInSlices(engine, bigger)
      for (let pause = 0; pause < 6; pause++) abandoned.next()
      expect(hex(computeTag(engine, other))).toBe(expected)
      expect(sameBytes(snapshots(engine), initial)).toBe(true)
    })
  })

  it('hashes correctly after a hash that threw', () => {
    const faulty = { ...RFC_9106_VECTOR.input, associatedData: throwingBytes(() => {}) }
    expect(() => argon2id(faulty)).toThrow('half-way')
    expect(hex(argon2id(RFC_9106_VECTOR.input))).toBe(RFC_9106_VECTOR.tag)
  })

  describe('refuses', () => {
    const refused: [string, Partial<Argon2idInput>, RegExp][] = [
      ['no lanes', { parallelism: 0 }, /parallelism is 0.*from 1 to 16777215/],
      ['too many lanes', { parallelism: 2 ** 24 }, /parallelism/],
      ['half a lane', { parallelism: 1.5 }, /parallelism/],
      ['no passes', { iterations: 0 }, /iterations is 0.*from 1 to 4294967295/],
      ['NaN passes', { iterations: Number.NaN }, /iterations is NaN/],
      ['fewer than eight blocks a lane', { memoryKib: 31 }, /memoryKib is 31.*from 32 to 65536/],
      ['more memory than the maximum', { memoryKib: 65_537 }, /memoryKib is 65537.*from 32 to 65536/],
      ['a tag of three bytes', { tagLength: 3 }, /tagLength is 3.*from 4/],
      ['a salt of seven bytes', { salt: new Uint8Array(7) }, /salt length is 7.*from 8/],
    ]
    it.each(refused)('%s', (_, change, message) => {
      expect(() => argon2id({ ...RFC_9106_VECTOR.input, ...change })).toThrow(message)
    })

    it.each([7, 2 ** 21 + 1, 64.5])('a maximum of %d KiB', (maxMemoryKib) => {
      expect(() => createArgon2id(modules, maxMemoryKib)).toThrow(RangeError)
    })
  })
}

const computeTag = (engine: Argon2idEngine, input: Argon2idInput) => runToEnd(computeInSlices(engine, input))

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

const snapshots = ({ blake2b, matrix }: Argon2idEngine): Uint8Array[] =>
  [blake2b.memory, matrix.memory].map(({ buffer }) => new Uint8Array(buffer).slice())

function sameBytes(left: readonly Uint8Array[], right: readonly Uint8Array[]): boolean {
  return left.every((bytes, i) => bytes.length === right[i]?.length && bytes.every((byte, j) => byte === right[i]?.[j]))
}

const matrixBytes = ({ matrix }: Argon2idEngine): Uint8Array => new Uint8Array(matrix.memory.buffer, matrix.offset)

const firstNonZero = (bytes: Uint8Array): number => bytes.findIndex((byte) => byte !== 0)

/** Whether either instance's memory contains `needle`. */
export function holds({ blake2b, matrix }: Argon2idEngine, needle: Uint8Array): boolean {
  return [blake2b.memory, matrix.memory].some((memory) => Buffer.from(memory.buffer).includes(Buffer.from(needle)))
}

/** Bytes that throw when they are read. They are the last input that is read. */
function throwingBytes(onRead: () => void): Uint8Array {
  const bytes = new Uint8Array(12)
  bytes.subarray = () => {
    onRead()
    throw new Error('half-way')
  }
  return bytes
}
