// Compiles src/crypto/argon2id/kernel (AssemblyScript) into WebAssembly. The same source and compiler give
// the same bytes. `--check` writes nothing and exits with 1 when the checked-in module is out of date.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import asc from 'assemblyscript/asc'
import { ARGON2ID_DIRECTORY } from './extract-argon2id.ts'

/** The path of the compiled kernel. */
export const KERNEL_MODULE = join(ARGON2ID_DIRECTORY, 'simd.wasm')

const SOURCES = join(ARGON2ID_DIRECTORY, 'kernel')
/** How many of the eight permutations run interleaved. bench/README.md has measurements of other numbers. */
const SIDE_BY_SIDE = 4
const OPTIONS = ['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--enable', 'simd']

/** Compiles the kernel. @throws Error with the compiler's messages */
export async function compileKernel(): Promise<Uint8Array> {
  const outputs = new Map<string, Uint8Array | string>()
  const args = ['fill.ts', '--outFile', 'simd.wasm', '--use', `SIDE_BY_SIDE=${SIDE_BY_SIDE}`, ...OPTIONS]
  const { error, stderr } = await asc.main(args, {
    readFile: (name) => repeatParagraphs(readSource(name)),
    writeFile: (name, contents) => void outputs.set(name, contents),
    listFiles: () => [],
  })
  const module = outputs.get('simd.wasm')
  if (error !== null || !(module instanceof Uint8Array)) throw new Error(`the kernel does not compile:\n${stderr}`)
  return module
}

/**
 * Reads a source file of the kernel. Returns null for a missing one, as the compiler's interface requires.
 */
function readSource(name: string): string | null {
  try {
    return readFileSync(join(SOURCES, name), 'utf8')
  } catch {
    return null
  }
}

/**
 * Repeats each paragraph that contains `$` once for every interleaved permutation, with its number in place
 * of `$`.
 */
function repeatParagraphs(source: string | null): string | null {
  if (source === null) return null
  const numbers = Array.from({ length: SIDE_BY_SIDE }, (_, number) => String(number))
  const repeat = (text: string) => numbers.map((number) => text.replaceAll('$', number)).join('\n')
  const paragraphs = source.split('\n\n').map((text) => (text.includes('$') ? repeat(text) : text))
  return paragraphs.join('\n\n')
}

async function main(): Promise<void> {
  const compiled = await compileKernel()
  if (!process.argv.includes('--check')) {
    writeFileSync(KERNEL_MODULE, compiled)
  } else if (!readFileSync(KERNEL_MODULE).equals(compiled)) {
    process.stderr.write('simd.wasm differs from its source: run npm run generate -- argon2id-compile\n')
    process.exitCode = 1
  }
}

if (import.meta.main) await main()
