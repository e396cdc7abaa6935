import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { compileKernel, KERNEL_MODULE } from '../../scripts/compile-argon2id.ts'
import { ARGON2ID_DIRECTORY, differingFiles, extractArgon2id } from '../../scripts/extract-argon2id.ts'
import manifest from '../../src/crypto/argon2id/modules.json' with { type: 'json' }
import { compileWasm } from './compile-wasm.ts'

describe('the checked-in WebAssembly (H7)', () => {
  it('equals what the installed hash-wasm contains', () => {
    expect(differingFiles(extractArgon2id(), ARGON2ID_DIRECTORY)).toEqual([])
  })

  it('comes from the version that package.json pins', () => {
    expect(manifest.hashWasm).toBe(packageJson.dependencies['hash-wasm'])
  })

  it.each(Object.entries(manifest.modules))('has the recorded SHA-256 and length: %s', (name, recorded) => {
    const bytes = readFileSync(join(ARGON2ID_DIRECTORY, `${name}.wasm`))
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(recorded.sha256)
    expect(bytes.length).toBe(recorded.byteLength)
  })

  it('equals a fresh compilation of our own kernel', async () => {
    expect(readFileSync(KERNEL_MODULE).equals(await compileKernel())).toBe(true)
  })

  it('asks nothing of its host', () => {
    for (const name of [...Object.keys(manifest.modules), 'simd']) {
      const bytes = readFileSync(join(ARGON2ID_DIRECTORY, `${name}.wasm`))
      expect(WebAssembly.Module.imports(compileWasm(bytes))).toEqual([])
    }
  })
})

describe('the comparison', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'argon2id-'))
    for (const [name, bytes] of extractArgon2id()) writeFileSync(join(directory, name), bytes)
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  it('names a file with one flipped bit', () => {
    const path = join(directory, 'blake2b.wasm')
    const bytes = readFileSync(path)
    bytes.writeUInt8(bytes.readUInt8(2000) ^ 1, 2000)
    writeFileSync(path, bytes)
    expect(differingFiles(extractArgon2id(), directory)).toEqual(['blake2b.wasm'])
  })

  it('names a missing file', () => {
    rmSync(join(directory, 'argon2.wasm'))
    expect(differingFiles(extractArgon2id(), directory)).toEqual(['argon2.wasm'])
  })
})
