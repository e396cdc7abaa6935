import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildPages, findStale, PACKED } from '../../scripts/build-pages.ts'
import { type BundledFile, bundlePages } from '../../scripts/bundle-pages.ts'
import { locales } from '../../src/core/mail.ts'

let built: ReadonlyMap<string, Uint8Array>
beforeAll(async () => {
  built = await buildPages()
})

const sources = globSync('src/pages/browser/**/*.{ts,tsx,css}')
const textOf = (name: string): string => new TextDecoder().decode(built.get(name))
const scripts = () => [...built.keys()].filter((name) => name.endsWith('.js.gz'))

it('the packed pages are those of the sources (npm run generate -- pages)', async () => {
  expect(await findStale(built)).toEqual([])
})

describe('V2 what a browser loads, compressed, with style and one language', () => {
  const KIB = 1024
  let files: ReadonlyMap<string, BundledFile>
  beforeAll(async () => {
    files = new Map((await bundlePages()).map((file) => [file.name, file]))
  })
  const named = (pattern: RegExp) => [...files.values()].filter(({ entry }) => pattern.test(entry ?? ''))
  const sizeOf = (loaded: Iterable<BundledFile>) =>
    [...loaded].reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).byteLength, 0) / KIB

  /** The files that are loaded before one of them runs, itself included. */
  function loadedWith(file: BundledFile | undefined, found = new Set<BundledFile>()): Set<BundledFile> {
    if (file === undefined || found.has(file)) return found
    found.add(file)
    for (const name of file.imports) loadedWith(files.get(name), found)
    return found
  }
  const startOf = (locale: string) =>
    new Set([...named(/\.css$/), ...named(new RegExp(`^start:${locale}$`)).flatMap((file) => [...loadedWith(file)])])

  /** A screen that is opened first, with the words that it waits for. */
  function openedFirst(screen: BundledFile, locale: string): Set<BundledFile> {
    const parts = [...loadedWith(screen)]
    const words = parts
      .flatMap(({ dynamicImports }) => dynamicImports.map((name) => files.get(name)))
      .filter((file) => file?.entry?.startsWith(`words/${locale}/`))
    return new Set([...startOf(locale), ...parts, ...words.flatMap((file) => [...loadedWith(file)])])
  }

  it.each(locales)('is three files of at most 32 KiB before a person can sign in: %s', (locale) => {
    const first = startOf(locale)
    expect([...first].map(({ name }) => name.replace(/-.*/, ''))).toEqual(['theme', 'start', 'pages'])
    expect(sizeOf(first)).toBeLessThan(32)
  })

  it.each(locales)('is at most 45 KiB and seven files for any other screen that is opened first: %s', (locale) => {
    const screens = named(/browser\/account\/.*\.tsx$/)
    expect(screens.length).toBeGreaterThan(10)
    for (const screen of screens) {
      const loaded = openedFirst(screen, locale)
      expect(sizeOf(loaded), screen.entry).toBeLessThan(45)
      expect(loaded.size, screen.entry).toBeLessThanOrEqual(7)
    }
  })

  it('words that are loaded later need nothing but what has started', () => {
    // What screens share waits for the words. Words that waited for it would wait for ever.
    for (const file of named(/^words\//)) for (const name of file.imports) expect(name, file.entry).toMatch(/^pages-/)
  })
})

describe('V1 the sources', () => {
  it.each([
    'innerHTML',
    'outerHTML',
    'insertAdjacent',
    'dangerouslySetInnerHTML',
    'document.write',
    'eval(',
    'Function(',
  ])('never make markup or code of text by %s', (name) => {
    expect(sources.filter((path) => readFileSync(path, 'utf8').includes(name))).toEqual([])
  })

  it('have no inline style, and load nothing in a style sheet', () => {
    const inline = sources.filter((path) => /\bstyle=|\.cssText|setAttribute\('style'/.test(readFileSync(path, 'utf8')))
    expect(inline).toEqual([])
    expect(
      sources.filter((path) => /url\(|@import/.test(path.endsWith('.css') ? readFileSync(path, 'utf8') : '')),
    ).toEqual([])
  })

  it('write to no console and read no cookie', () => {
    for (const name of scripts()) expect(textOf(name), name).not.toMatch(/document\.cookie|console\./)
  })
})

it('V11 the files of a release that is kept are whole', () => {
  const kept = globSync('*/*.gz', { cwd: PACKED })
  expect(kept.length).toBeGreaterThan(1)
  for (const name of kept) expect(gunzipSync(readFileSync(join(PACKED, name))).byteLength, name).toBeGreaterThan(1000)
})
