import { argon2Sync, createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { argon2id as hashWasmArgon2id } from 'hash-wasm'
import { describe, expect, it } from 'vitest'
import { ARGON2ID_DIRECTORY } from '../../src/cli/extract-argon2id.ts'
import { littleEndian32 } from '../../src/crypto/argon2id/blake2b.ts'
import { computeTag, createArgon2id, instantiateEngine } from '../../src/crypto/argon2id/driver.ts'
import { type Argon2idInput, MAX_MEMORY_KIB } from '../../src/crypto/argon2id/parameters.ts'
import { CASES, RFC_9106_VECTOR } from '../crypto/argon2id-cases.ts'
import { describeArgon2id, holds } from '../crypto/argon2id-contract.ts'
import tags from '../crypto/argon2id-tags.json' with { type: 'json' }
import { compileWasm } from './compile-wasm.ts'

const modules = { argon2: compileFile('argon2.wasm'), blake2b: compileFile('blake2b.wasm') }

describe('Argon2id in Node', () => {
  describeArgon2id(() => modules)

  it('accepts an empty password, as RFC 9106 does', () => {
    const input = { ...RFC_9106_VECTOR.input, password: new Uint8Array() }
    expect(Buffer.from(createArgon2id(modules, MAX_MEMORY_KIB)(input)).toString('hex')).toBe(opensslTag(input))
  })

  it('leaves no trace of H0, from which the tag follows', () => {
    const engine = instantiateEngine(modules)
    const h0 = preHash(RFC_9106_VECTOR.input)
    let seen = false
    const hash: typeof engine.blake2b.hash = (parts, out) => {
      engine.blake2b.hash(parts, out)
      seen = holds(engine, h0)
    }
    computeTag({ ...engine, blake2b: { ...engine.blake2b, hash } }, RFC_9106_VECTOR.input)
    expect([seen, holds(engine, h0)]).toEqual([true, false])
  })
})

// workerd cannot run hash-wasm's loader, so there the expected tags are read from a file. This is what makes the file
// true; `vitest run --project node --update` writes it anew.
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
