// Workers do not compile WebAssembly at run time, which is how hash-wasm loads its modules. This script takes
// the two modules that Argon2id needs out of the installed package, so that they can be bundled precompiled.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const MODULES = ['argon2', 'blake2b'] as const

/** The absolute path of the extracted files. */
export const ARGON2ID_DIRECTORY = join(import.meta.dirname, '../src/crypto/argon2id')

/**
 * The files to check in, by name: both WebAssembly modules, `modules.json` that describes them, and
 * hash-wasm's licence.
 * @throws Error when the installed hash-wasm does not embed a module in the expected form
 */
export function extractArgon2id(): ReadonlyMap<string, Buffer> {
  const packageRoot = dirname(createRequire(import.meta.url).resolve('hash-wasm/package.json'))
  const { version }: { version: string } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'))
  const bundle = readFileSync(join(packageRoot, 'dist/index.esm.js'), 'utf8')
  const binaries = MODULES.map((name) => [name, embeddedBinary(bundle, name)] as const)
  const described = binaries.map(([name, bytes]) => [name, { byteLength: bytes.length, sha256: sha256(bytes) }])
  const manifest = { hashWasm: version, modules: Object.fromEntries(described) }
  return new Map([
    ...binaries.map(([name, bytes]) => [`${name}.wasm`, bytes] as const),
    ['modules.json', Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)],
    ['LICENSE.hash-wasm', readFileSync(join(packageRoot, 'LICENSE'))],
  ])
}

/** The names of the files in `directory` that are missing or differ, byte for byte, from `files`. */
export function differingFiles(files: ReadonlyMap<string, Buffer>, directory: string): string[] {
  return [...files]
    .filter(([name, bytes]) => !readIfPresent(join(directory, name))?.equals(bytes))
    .map(([name]) => name)
}

function embeddedBinary(bundle: string, name: string): Buffer {
  const found = [
    ...bundle.matchAll(new RegExp(`name[$\\w]* = "${name}";\\s*var data[$\\w]* = "([A-Za-z0-9+/=]+)"`, 'g')),
  ]
  const base64 = found.length === 1 ? found[0]?.[1] : undefined
  const bytes = Buffer.from(base64 ?? '', 'base64')
  if (!bytes.subarray(0, 4).equals(Buffer.from('\0asm'))) throw new Error(`hash-wasm embeds no readable ${name} module`)
  return bytes
}

function readIfPresent(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

function main(): void {
  const files = extractArgon2id()
  if (process.argv.includes('--check')) {
    const differing = differingFiles(files, ARGON2ID_DIRECTORY)
    for (const name of differing) process.stderr.write(`differs from the installed hash-wasm: ${name}\n`)
    process.exitCode = differing.length === 0 ? 0 : 1
    return
  }
  mkdirSync(ARGON2ID_DIRECTORY, { recursive: true })
  for (const [name, bytes] of files) writeFileSync(join(ARGON2ID_DIRECTORY, name), bytes)
}

if (import.meta.main) main()
