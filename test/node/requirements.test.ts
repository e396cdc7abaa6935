import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const PAGE = 'docs/requirements.md'
const page = readFileSync(PAGE, 'utf8')

const ENTRY = /^(- \*\*([A-Z]\d+)\*\* .*)(?:\n {2}Tests: .*)?$/gm

describe('the numbers of docs/requirements.md', () => {
  const documented = [...page.matchAll(ENTRY)].map(([, , number = '']) => number)
  const tested = filesByNumber()

  it('are each there once', () => {
    expect(documented).toEqual([...new Set(documented)])
  })

  it('are those in the titles of tests', () => {
    expect([...tested.keys()].sort()).toEqual([...documented].sort())
  })

  it('name every file with such a title, and no other (after a change: see the head of the page)', async () => {
    const written = page.replace(
      ENTRY,
      (_, text: string, number: string) => `${text}\n  Tests: ${links(tested, number)}`,
    )
    await expect(written).toMatchFileSnapshot(`../../${PAGE}`)
  })
})

describe('the numbers of a title', () => {
  it.each([
    [`it('P1 P2 takes 256', async () => {`, ['P1', 'P2']],
    [`describe('O8: foreign text', () => {`, ['O8']],
    [`it.each([1])(\n  "T5 lets pass", () => {`, ['T5']],
    [`it('is the same (R1)', () => {`, ['R1']],
    [`it('answers misconfigured (D4, E1, H4)', () => {`, ['D4', 'E1', 'H4']],
    [`it('is answered by KV while R2 is down (H6)', () => {`, ['H6']],
    [`['D1 that does not answer', new Error('R2')]`, []],
    [`it('sends an S256 challenge', () => {`, []],
    [`task.name.startsWith('T5 ')`, []],
    [`it.each(['', 'Mozilla/5.0 (X11)', 'a=b'])(`, []],
  ])('%s', (source, numbers) => {
    expect(numbersIn(source)).toEqual(numbers)
  })
})

/**
 * Numbers are at the start of a title, or in brackets at its end. Elsewhere in a title, D1 and R2 are stores.
 */
function numbersIn(source: string): string[] {
  const titles = [...source.matchAll(/\(\s*(['"`])((?:(?!\1).)+)\1/g)].map(([, , title = '']) => title)
  return titles.flatMap((title) => {
    const [leading = ''] = /^(?:[A-Z]\d{1,2}[ :]+)+(?=\S)/.exec(title) ?? []
    const [trailing = ''] = /\((?:[A-Z]\d{1,2}(?:, )?)+\)$/.exec(title) ?? []
    return `${leading}${trailing}`.match(/[A-Z]\d{1,2}/g) ?? []
  })
}

function filesByNumber(): Map<string, Set<string>> {
  const files = new Map<string, Set<string>>()
  // This file contains titles as samples.
  for (const path of globSync('test/**/*.ts', { exclude: ['test/node/requirements.test.ts'] }).sort()) {
    for (const number of numbersIn(readFileSync(path, 'utf8'))) {
      files.set(number, (files.get(number) ?? new Set()).add(path.replaceAll('\\', '/')))
    }
  }
  return files
}

const links = (tested: ReadonlyMap<string, ReadonlySet<string>>, number: string): string =>
  [...(tested.get(number) ?? [])].map((path) => `[${nameOf(path)}](../${path})`).join(', ')

const nameOf = (path: string): string => path.replace(/^test\//, '').replace(/(\.test)?\.ts$/, '')
