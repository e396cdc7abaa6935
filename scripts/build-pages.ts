// Bundles the pages into src/pages/packed: compressed files, which the Worker serves itself, a manifest with
// their addresses, and a module that loads each of them when it is asked for. Running, testing and deploying
// the Worker then needs nothing but TypeScript. `--check` writes nothing and exits with 1 when a file is not
// what the sources give. `--keep 0.3.0` keeps the packed files as those of a release: a page that was opened
// before a deployment still finds its files afterwards. The last two releases are kept.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync, gzipSync } from 'node:zlib'
import { PAGES_PATH } from '../src/core/mail.ts'
import { type BundledFile, bundlePages } from './bundle-pages.ts'

/** The absolute path of the packed files. */
export const PACKED = join(import.meta.dirname, '../src/pages/packed')

/** Every file of the folder by its name. The same sources give the same files. */
export async function buildPages(): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = await bundlePages()
  return new Map([
    ...files.map(({ name, contents }) => [`${name}.gz`, contents] as const),
    ['manifest.json', toBytes(`${JSON.stringify(describe(files), null, 2)}\n`)],
    ['files.ts', toBytes(moduleOf(files.map(({ name }) => name)))],
  ])
}

const toBytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The addresses that a document names. */
function describe(files: readonly BundledFile[]) {
  const entries = files.flatMap((file) => (file.entry === undefined ? [] : [{ ...file, entry: file.entry }]))
  const scripts = entries
    .filter(({ entry }) => entry.startsWith('start:'))
    .map(({ name, imports, entry }) => [
      entry.slice('start:'.length),
      { path: addressOf(name), preload: imports.map(addressOf) },
    ])
  const sheet = entries.find(({ entry }) => entry.endsWith('.css'))
  return { sheet: addressOf(sheet?.name ?? ''), scripts: Object.fromEntries(scripts) }
}

const addressOf = (name: string): string => `${PAGES_PATH}/${name}`

/** The module that the Worker imports. A file is loaded when it is asked for. */
function moduleOf(names: readonly string[]): string {
  const places = new Map([...keptPlaces(), ...names.map((name) => [name, `./${name}.gz`] as const)])
  return [
    '// Written by `npm run generate -- pages` from the folder `browser`: change that, not this.',
    'export const packedFiles = {',
    ...[...places].sort().map(([name, place]) => `  '${name}': () => import('${place}'),`),
    '}',
    '',
  ].join('\n')
}

const releases = (): string[] =>
  readdirSync(PACKED, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? entry.name : []))
    .sort((one, other) => one.localeCompare(other, 'en', { numeric: true }))

/** The files of earlier releases, oldest first: their names, and where they are. */
const keptPlaces = () =>
  releases().flatMap((release) =>
    readdirSync(join(PACKED, release)).map((file) => [file.replace(/\.gz$/, ''), `./${release}/${file}`] as const),
  )

const MOST_KEPT = 2

/** Keeps the packed files under the name of a release, and forgets those of older ones. */
function keep(release: string): void {
  const files = readdirSync(PACKED).filter((name) => name.endsWith('.gz'))
  for (const name of files) cpSync(join(PACKED, name), join(PACKED, release, name))
  for (const old of releases().slice(0, -MOST_KEPT)) rmSync(join(PACKED, old), { recursive: true })
}

/** The names of the files that differ from what the sources give. */
export async function findStale(wanted: ReadonlyMap<string, Uint8Array>): Promise<string[]> {
  const present = new Set(
    readdirSync(PACKED, { withFileTypes: true }).flatMap((file) => (file.isFile() ? file.name : [])),
  )
  const differs = (name: string, bytes: Uint8Array) => {
    if (!present.has(name)) return true
    const found = readFileSync(join(PACKED, name))
    return !(name.endsWith('.gz') ? gunzipSync(found) : found).equals(bytes)
  }
  return [
    ...[...wanted].flatMap(([name, bytes]) => (differs(name, bytes) ? [name] : [])),
    ...[...present].filter((name) => !wanted.has(name)),
  ]
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { check: { type: 'boolean' }, keep: { type: 'string' } } })
  mkdirSync(PACKED, { recursive: true })
  if (values.keep !== undefined) keep(values.keep)
  const wanted = await buildPages()
  const stale = await findStale(wanted)
  if (values.check) {
    for (const name of stale) process.stderr.write(`src/pages/packed/${name} is stale: npm run generate -- pages\n`)
    return stale.length === 0 ? 0 : 1
  }
  for (const name of stale) {
    const bytes = wanted.get(name)
    if (bytes === undefined) rmSync(join(PACKED, name))
    else writeFileSync(join(PACKED, name), name.endsWith('.gz') ? gzipSync(bytes, { level: 9 }) : bytes)
  }
  return 0
}

if (import.meta.main) process.exitCode = await main()
