import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { writes } from '../support/guarded-writes.ts'
import { raceSizes } from '../support/race-sizes.ts'

const WRITE =
  /\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+(?:[a-z_]+|\$\{(?:sql\.identifier|[a-z]\w+\}))|\binsertInto\(\s*[a-z]\w+,/

const writing = globSync('src/**/*.ts')
  .filter(
    (path) =>
      !path.startsWith('src/cli/') &&
      path !== 'src/storage/database/writes.ts' &&
      WRITE.test(readFileSync(path, 'utf8')),
  )
  .map((path) => path.slice('src/'.length))
  .sort()

describe('writes to the database', () => {
  test('are all listed, and nothing else is', () => {
    expect(Object.keys(writes).sort()).toEqual(writing)
  })

  const races = Object.entries(writes).flatMap(([path, entry]) => ('race' in entry ? [{ path, race: entry.race }] : []))
  test.each(races)('have a test that sends several of them at once: $path', ({ race: [file, title] }) => {
    const text = readFileSync(file, 'utf8')
    const at = text.indexOf(title)
    expect(at, `${file} has no test named ${title}`).toBeGreaterThan(0)
    const declared = text.slice(text.lastIndexOf('.each(', at), at)
    expect(declared, `${file}: ${title}`).toMatch(/^\.each\((?:SIZES|\[1, \.\.\.SIZES\])\)\(\s*'[^']*$/)
    expect(text, file).toContain("import { SIZES } from '")
  })

  test('are raced by 2 and 16, and by 100 where it is repeated', () => {
    expect(raceSizes).toEqual({ everyTime: '2,16', deep: '2,16,100' })
  })
})

/** Files of `src` whose code, without its comments, has the text. */
const filesWith = (text: string): string[] =>
  globSync('src/**/*.ts')
    .filter((path) =>
      readFileSync(path, 'utf8')
        .replace(/^\s*(?:\/?\*|\/\/).*$/gm, '')
        .includes(text),
    )
    .map((path) => path.slice('src/'.length))

describe('a statement', () => {
  // The test of no-ops puts none before such a condition, so it would not see another one.
  test('asks what the one before it changed in `recorded` alone', () => {
    expect(filesWith('changes()')).toEqual(['storage/database/recorded.ts'])
  })

  test('has no type of its rows beside it', () => {
    expect(filesWith('sql<')).toEqual([])
  })
})
