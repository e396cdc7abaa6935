// Bundles the pages into src/pages/packed: compressed files, which the Worker serves itself, a manifest with
// their addresses, and a module that loads each of them when it is asked for. Running, testing and deploying
// the Worker then needs nothing but TypeScript. `--check` writes nothing and exits with 1 when a file is not
// what the sources give. `--keep 0.3.0` keeps the packed files as those of a release: a page that was opened
// before a deployment still finds its files afterwards. The last two releases are kept.
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync, gzipSync } from 'node:zlib'
import { build, type Metafile, type OutputFile } from 'esbuild'
import { PAGES_PATH } from '../src/core/mail.ts'

const PAGES = join(import.meta.dirname, '../src/pages')
/** The absolute path of the packed files. */
export const PACKED = join(PAGES, 'packed')

/** The name that each language's words have, in `src/pages/words/<locale>/index.ts`. */
const LANGUAGES = { en: 'english', de: 'german' } as const

/** Every file of the folder by its name. The same sources give the same files. */
export async function buildPages(): Promise<ReadonlyMap<string, Uint8Array>> {
  const { outputFiles, metafile } = await bundlePages()
  const packed = [
    ...outputFiles.map(({ path, contents }) => [basename(path), contents] as const),
    [LICENCES_FILE, toBytes(LICENCES)] as const,
  ]
  return new Map([
    ...packed.map(([name, contents]) => [`${name}.gz`, contents] as const),
    ['manifest.json', toBytes(`${JSON.stringify(describe(metafile), null, 2)}\n`)],
    ['files.ts', toBytes(moduleOf(packed.map(([name]) => name)))],
  ])
}

const toBytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Bundles the sources, and says which file loads which. */
export function bundlePages(): Promise<{ outputFiles: OutputFile[]; metafile: Metafile }> {
  return build({
    entryPoints: [...Object.keys(LANGUAGES).map((locale) => `start:${locale}`), 'browser/shared/theme.css'],
    absWorkingDir: PAGES,
    outdir: PACKED,
    bundle: true,
    splitting: true,
    minify: true,
    metafile: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    logLevel: 'silent',
    legalComments: 'none',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    banner: { js: `/*! Contains preact, preact-iso and uqr (MIT): ${PAGES_PATH}/${LICENCES_FILE} */` },
    // The tsconfig.json of the folder is for the type check only.
    tsconfigRaw: {},
    plugins: [
      {
        name: 'start',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^start:/ }, ({ path }) => ({ path: path.slice('start:'.length), namespace: 'start' }))
          onLoad({ filter: /./, namespace: 'start' }, ({ path }) => ({
            contents: startOf(path as keyof typeof LANGUAGES),
            resolveDir: PAGES,
          }))
        },
      },
    ],
  })
}

/** The entry of a language. */
const startOf = (locale: keyof typeof LANGUAGES): string => `
import { start } from './browser/account/start.tsx'
import { ${LANGUAGES[locale]} } from './words/${locale}/index.ts'
start(${LANGUAGES[locale]})
`

/** The licences of the packages whose code is in the scripts, which whoever gets the code must get too. */
const LICENCES = ['preact', 'preact-iso', 'uqr']
  .map((name) => `${name}\n\n${readFileSync(join(import.meta.dirname, '../node_modules', name, 'LICENSE'), 'utf8')}`)
  .join('\n')
const LICENCES_FILE = `licences-${createHash('sha256').update(LICENCES).digest('hex').slice(0, 8)}.txt`

/** The addresses that a document names. */
function describe({ outputs }: Metafile) {
  const entries = Object.entries(outputs).flatMap(([path, output]) =>
    output.entryPoint === undefined ? [] : [{ path, output, entry: output.entryPoint }],
  )
  const scripts = entries
    .filter(({ entry }) => entry.startsWith('start:'))
    .map(({ path, output, entry }) => [
      entry.slice('start:'.length),
      {
        path: addressOf(path),
        preload: output.imports.filter(({ kind }) => kind === 'import-statement').map((found) => addressOf(found.path)),
      },
    ])
  const sheet = entries.find(({ entry }) => entry.endsWith('.css'))
  return { sheet: addressOf(sheet?.path ?? ''), scripts: Object.fromEntries(scripts) }
}

const addressOf = (path: string): string => `${PAGES_PATH}/${basename(path)}`

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
