import { argon2Sync, createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { argon2id as hashWasmArgon2id } from 'hash-wasm'
import { describe, expect, it } from 'vitest'
import { ARGON2ID_DIRECTORY } from '../../scripts/extract-argon2id.ts'
import { littleEndian32 } from '../../src/crypto/argon2id/blake2b.ts'
import { computeTag } from '../../src/crypto/argon2id/compute-tag.ts'
import { createArgon2id } from '../../src/crypto/argon2id/driver.ts'
import { instantiateEngine } from '../../src/crypto/argon2id/engine.ts'
import { type Argon2idInput, MAX_MEMORY_KIB } from '../../src/crypto/argon2id/parameters.ts'
import { runToEnd } from '../../src/crypto/hash-queue/cooperative.ts'
import { CASES, RFC_9106_VECTOR } from '../crypto/argon2id-cases.ts'
import { describeArgon2id, holds } from '../crypto/argon2id-contract.ts'
import tags from '../crypto/argon2id-tags.json' with { type: 'json' }
import { compileWasm } from './compile-wasm.ts'

/** `npm run test:deep` uses ten thousand. */
const RANDOM_INPUTS = Number(process.env.ARGON2ID_INPUTS ?? 1000)

const hashWasm = { argon2: compileFile('argon2.wasm'), blake2b: compileFile('blake2b.wasm') }
const modules = { ...hashWasm, simd: compileFile('simd.wasm') }

describe('Argon2id in Node', () => {
  describe('on our own kernel', () => describeArgon2id('simd', () => modules))
  describe("on hash-wasm's", () => describeArgon2id('hash-wasm', () => hashWasm))

  it('accepts an empty password, as RFC 9106 does', () => {
    const input = { ...RFC_9106_VECTOR.input, password: new Uint8Array() }
    expect(Buffer.from(runToEnd(createArgon2id(modules, MAX_MEMORY_KIB)(input))).toString('hex')).toBe(
      opensslTag(input),
    )
  })

  it('leaves no trace of H0, from which the tag follows', () => {
    const engine = instantiateEngine(modules)
    const h0 = preHash(RFC_9106_VECTOR.input)
    let seen = false
    const hash: typeof engine.blake2b.hash = (parts, out) => {
      engine.blake2b.hash(parts, out)
      seen = holds(engine, h0)
    }
    runToEnd(computeTag({ ...engine, blake2b: { ...engine.blake2b, hash } }, RFC_9106_VECTOR.input))
    expect([seen, holds(engine, h0)]).toEqual([true, false])
  })
})

describe('our own kernel', () => {
  it(`gives hash-wasm's tag for ${RANDOM_INPUTS} random inputs`, () => {
    const [ours, theirs] = [modules, hashWasm].map(instantiateEngine)
    if (ours === undefined || theirs === undefined) throw new Error('no engine')
    expect([ours.matrix.kernel, theirs.matrix.kernel]).toEqual(['simd', 'hash-wasm'])
    const isSame = (input: Argon2idInput) =>
      Buffer.compare(runToEnd(computeTag(ours, input)), runToEnd(computeTag(theirs, input))) === 0
    fc.assert(fc.property(inputs, isSame), { numRuns: RANDOM_INPUTS })
  })

  it('gives the tag of OpenSSL for passwords that are bound to a user', () => {
    const ours = createArgon2id(modules, MAX_MEMORY_KIB)
    const bound = fc.tuple(inputs, bytes(0, 200)).map(([input, associatedData]) => ({ ...input, associatedData }))
    const isSame = (input: Argon2idInput) => Buffer.from(runToEnd(ours(input))).toString('hex') === opensslTag(input)
    fc.assert(fc.property(bound, isSame), { numRuns: RANDOM_INPUTS / 10 })
  })

  it.each([
    ['cannot be instantiated', needyModule()],
    ['exports something else', modules.blake2b],
    ['rotates by another number of bits', misrotatingModule()],
  ])("gives way to hash-wasm's when it %s", (_, simd) => {
    const engine = instantiateEngine({ ...hashWasm, simd })
    expect(engine.matrix.kernel).toBe('hash-wasm')
    expect(Buffer.from(runToEnd(computeTag(engine, RFC_9106_VECTOR.input))).toString('hex')).toBe(RFC_9106_VECTOR.tag)
  })
})

// workerd cannot run the loader of hash-wasm, so tests there read the expected tags from a file. This test
// checks that file. `vitest run --project node --update` writes it again.
describe('the recorded tags', () => {
  it('are those of hash-wasm, and of OpenSSL where there is associated data', async () => {
    const expected: string[] = []
    for (const input of CASES) expected.push(input.associatedData ? opensslTag(input) : await hashWasmTag(input))
    await expect(`${JSON.stringify(expected, null, 2)}\n`).toMatchFileSnapshot('../crypto/argon2id-tags.json')
  })

  it('are those of OpenSSL, which shares no code with hash-wasm', () => {
    expect(CASES.map(opensslTag)).toEqual(tags)
  })
})

const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength })

/**
 * Little memory with all kinds of parameters, because differences show in the first hundreds of blocks and in
 * the number of lanes.
 */
const inputs: fc.Arbitrary<Argon2idInput> = fc.integer({ min: 1, max: 5 }).chain((parallelism) =>
  fc.record({
    password: bytes(0, 40),
    salt: bytes(8, 32),
    secret: bytes(0, 32),
    memoryKib: fc.integer({ min: 8 * parallelism, max: 8 * parallelism + 100 }),
    iterations: fc.integer({ min: 1, max: 4 }),
    parallelism: fc.constant(parallelism),
    tagLength: fc.integer({ min: 4, max: 100 }),
  }),
)

/** A module that imports a function from its host, which is not provided. */
function needyModule(): WebAssembly.Module {
  const header = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
  const type = [1, 4, 1, 0x60, 0, 0]
  const imported = [2, 7, 1, 1, 0x61, 1, 0x62, 0, 0]
  return compileWasm(Uint8Array.from([...header, ...type, ...imported]))
}

/** Our kernel, with one byte of its rotation by 24 bits changed. */
function misrotatingModule(): WebAssembly.Module {
  const kernel = readFileSync(join(ARGON2ID_DIRECTORY, 'simd.wasm'))
  kernel.writeUInt8(4, kernel.indexOf(Buffer.from([3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13])))
  return compileWasm(kernel)
}

function compileFile(name: string): WebAssembly.Module {
  return compileWasm(readFileSync(join(ARGON2ID_DIRECTORY, name)))
}

function hashWasmTag({ memoryKib, tagLength, associatedData: _none, ...input }: Argon2idInput): Promise<string> {
  return hashWasmArgon2id({ ...input, memorySize: memoryKib, hashLength: tagLength, outputType: 'hex' })
}

function opensslTag({ password, salt, memoryKib, iterations, ...input }: Argon2idInput): string {
  const parameters = { ...input, message: password, nonce: salt, memory: memoryKib, passes: iterations }
  return argon2Sync('argon2id', parameters).toString('hex')
}

function preHash(input: typeof RFC_9106_VECTOR.input): Buffer {
  const { parallelism, tagLength, memoryKib, iterations, password, salt, secret, associatedData } = input
  const hash = createHash('blake2b512')
  for (const number of [parallelism, tagLength, memoryKib, iterations, 0x13, 2]) hash.update(littleEndian32(number))
  for (const text of [password, salt, secret, associatedData]) hash.update(littleEndian32(text.length)).update(text)
  return hash.digest()
}
