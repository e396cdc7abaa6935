// Packs the common passwords of an npm package into a Bloom filter small enough for the Worker's bundle.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { FilterShape } from '../src/identity/common-passwords.ts'

const PACKAGE = '@zxcvbn-ts/language-common'
const MIN_LENGTH = 8

/** 20 bits and 14 hashes for each password: one in 15,000 other passwords is a false positive. */
const BITS_PER_PASSWORD = 20
const HASHES = 14

/** The absolute path of the generated file. */
export const COMMON_PASSWORDS_FILE = join(import.meta.dirname, '../src/identity/common-passwords.json')

type PositionsOf = (folded: string, shape: FilterShape) => Promise<number[]>

/** The case-folded passwords of the installed package that are long enough for this service to accept. */
export function listCommonPasswords(fold: (password: string) => string): string[] {
  const { dictionary } = createRequire(import.meta.url)(PACKAGE) as { dictionary: Record<string, readonly string[]> }
  const passwords = dictionary['passwords-common'] ?? []
  return [...new Set(passwords.map(fold))].filter((password) => [...password].length >= MIN_LENGTH)
}

/** The text of the generated file. */
export async function packCommonPasswords(passwords: readonly string[], positionsOf: PositionsOf): Promise<string> {
  const shape = { bits: Math.ceil((passwords.length * BITS_PER_PASSWORD) / 8) * 8, hashes: HASHES }
  const bytes = Buffer.alloc(shape.bits / 8)
  for (const password of passwords)
    for (const position of await positionsOf(password, shape))
      bytes.writeUInt8(bytes.readUInt8(position >> 3) | (1 << (position & 7)), position >> 3)
  const source = `${PACKAGE}@${installedVersion()}`
  return `${JSON.stringify({ source, passwords: passwords.length, ...shape, filter: bytes.toString('base64url') }, null, 2)}\n`
}

function installedVersion(): string {
  const main = createRequire(import.meta.url).resolve(PACKAGE)
  const { version }: { version: string } = JSON.parse(readFileSync(join(main, '../../package.json'), 'utf8'))
  return version
}

if (import.meta.main) {
  const { foldPassword, positionsOf } = await import('../src/identity/common-passwords.ts')
  writeFileSync(COMMON_PASSWORDS_FILE, await packCommonPasswords(listCommonPasswords(foldPassword), positionsOf))
}
