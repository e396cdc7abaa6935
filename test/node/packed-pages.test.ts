import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildPages, findStale, PACKED } from '../../scripts/build-pages.ts'
import manifest from '../../src/pages/packed/manifest.json' with { type: 'json' }

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

/** Names of files that a document of this language loads sooner or later: all but the other languages. */
const filesFor = (locale: 'en' | 'de') =>
  [...built.keys()].filter(
    (name) => name.endsWith('.gz') && (!name.startsWith('start_') || name.startsWith(`start_${locale}`)),
  )

describe('V2 what a browser loads', () => {
  const KIB = 1024
  const sizeOf = (name: string) => gzipSync(built.get(name) ?? '', { level: 9 }).byteLength

  it('is at most 40 KiB with style and one language, for all screens together', () => {
    for (const locale of ['en', 'de'] as const) {
      const total = filesFor(locale).reduce((sum, name) => sum + sizeOf(name), 0)
      expect(total / KIB, locale).toBeLessThan(40)
    }
  })

  it('is at most half of that before a form can be used', () => {
    const { path, preload } = manifest.scripts.en
    const first = [path, ...preload, manifest.sheet].map((address) => `${address.split('/').at(-1)}.gz`)
    expect(first.reduce((sum, name) => sum + sizeOf(name), 0) / KIB).toBeLessThan(26)
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
