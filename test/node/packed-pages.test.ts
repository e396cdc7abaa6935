import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Metafile } from 'esbuild'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildPages, bundlePages, findStale, PACKED } from '../../scripts/build-pages.ts'

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

/** The outputs that an output loads before it runs, itself included. */
function loadedWith(path: string, outputs: Metafile['outputs'], found = new Set<string>()): Set<string> {
  if (found.has(path)) return found
  found.add(path)
  for (const { path: next, kind } of outputs[path]?.imports ?? [])
    if (kind === 'import-statement') loadedWith(next, outputs, found)
  return found
}

describe('V2 what a browser loads, compressed, with style and one language', () => {
  const KIB = 1024
  const sizes = async () => {
    const { outputFiles, metafile } = await bundlePages()
    const packed = new Map(outputFiles.map(({ path, contents }) => [basename(path), gzipSync(contents, { level: 9 })]))
    const sizeOf = (paths: Iterable<string>) =>
      [...paths].reduce((sum, path) => sum + (packed.get(basename(path))?.byteLength ?? 0), 0) / KIB
    const entries = Object.entries(metafile.outputs).filter(([, { entryPoint }]) => entryPoint !== undefined)
    const named = (pattern: RegExp) =>
      entries.flatMap(([path, { entryPoint = '' }]) => (pattern.test(entryPoint) ? path : []))
    return { sizeOf, named, outputs: metafile.outputs }
  }

  it('is at most 40 KiB before a person can sign in', async () => {
    const { sizeOf, named, outputs } = await sizes()
    for (const locale of ['en', 'de']) {
      const first = named(new RegExp(`^start:${locale}$`)).flatMap((path) => [...loadedWith(path, outputs)])
      expect(sizeOf([...first, ...named(/\.css$/)]), locale).toBeLessThan(40)
    }
  })

  it('is at most 48 KiB for any other screen that is opened first', async () => {
    const { sizeOf, named, outputs } = await sizes()
    const first = [...named(/^start:de$/).flatMap((path) => [...loadedWith(path, outputs)]), ...named(/\.css$/)]
    const screens = named(/browser\/account\/.*\.tsx$/)
    expect(screens.length).toBeGreaterThan(10)
    for (const path of screens) expect(sizeOf(new Set([...first, ...loadedWith(path, outputs)])), path).toBeLessThan(48)
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
